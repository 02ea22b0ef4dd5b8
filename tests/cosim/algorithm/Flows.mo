package Flows "Units of which tests make flowsheets at random"
  constant Real hour = 3600 "Seconds in an hour";

  connector Inlet "Where liquid enters"
    input Real V_flow(unit = "L/h", start = 0) "Flow";
    input Real T(unit = "degC", start = 20) "Temperature";
    input Real c_sugar(unit = "g/L", start = 0) "Sugar";
    input Real c_salt(unit = "mmol/L", start = 0) "Salt";
  end Inlet;

  connector Outlet "Where liquid leaves"
    output Real V_flow(unit = "L/h") "Flow";
    output Real T(unit = "degC") "Temperature";
    output Real c_sugar(unit = "g/L") "Sugar";
    output Real c_salt(unit = "mmol/L") "Salt";
  end Outlet;

  connector CountedOutlet "Where liquid leaves and is counted"
    extends Outlet;
    output Real V_total(unit = "mL", start = 0, fixed = true) "Volume so far";
    output Real m_sugar_total(unit = "mg", start = 0, fixed = true) "Sugar so far";
    output Real m_salt_total(unit = "mmol", start = 0, fixed = true) "Salt so far";
  end CountedOutlet;

  connector GasInlet "Where gas enters"
    input Real n_flow(unit = "mol/s", start = 0) "Flow";
    input Real T(unit = "K", start = 298) "Temperature";
    input Real p(unit = "Pa", start = 1e5) "Pressure";
    input Real y_g0(unit = "1", start = 0) "Share of g0";
    input Real y_g1(unit = "1", start = 0) "Share of g1";
    input Real y_g2(unit = "1", start = 0) "Share of g2";
    input Real y_g3(unit = "1", start = 0) "Share of g3";
    input Real y_g4(unit = "1", start = 0) "Share of g4";
    input Real y_g5(unit = "1", start = 0) "Share of g5";
    input Real y_g6(unit = "1", start = 0) "Share of g6";
    input Real y_g7(unit = "1", start = 0) "Share of g7";
    input Real y_g8(unit = "1", start = 0) "Share of g8";
    input Real y_g9(unit = "1", start = 0) "Share of g9";
  end GasInlet;

  connector GasOutlet "Where gas leaves"
    output Real n_flow(unit = "mol/s") "Flow";
    output Real T(unit = "K") "Temperature";
    output Real p(unit = "Pa") "Pressure";
    output Real y_g0(unit = "1") "Share of g0";
    output Real n_g0_total(unit = "mol", start = 0, fixed = true) "g0 so far";
    output Real y_g1(unit = "1") "Share of g1";
    output Real n_g1_total(unit = "mol", start = 0, fixed = true) "g1 so far";
    output Real y_g2(unit = "1") "Share of g2";
    output Real n_g2_total(unit = "mol", start = 0, fixed = true) "g2 so far";
    output Real y_g3(unit = "1") "Share of g3";
    output Real n_g3_total(unit = "mol", start = 0, fixed = true) "g3 so far";
    output Real y_g4(unit = "1") "Share of g4";
    output Real n_g4_total(unit = "mol", start = 0, fixed = true) "g4 so far";
    output Real y_g5(unit = "1") "Share of g5";
    output Real n_g5_total(unit = "mol", start = 0, fixed = true) "g5 so far";
    output Real y_g6(unit = "1") "Share of g6";
    output Real n_g6_total(unit = "mol", start = 0, fixed = true) "g6 so far";
    output Real y_g7(unit = "1") "Share of g7";
    output Real n_g7_total(unit = "mol", start = 0, fixed = true) "g7 so far";
    output Real y_g8(unit = "1") "Share of g8";
    output Real n_g8_total(unit = "mol", start = 0, fixed = true) "g8 so far";
    output Real y_g9(unit = "1") "Share of g9";
    output Real n_g9_total(unit = "mol", start = 0, fixed = true) "g9 so far";
  end GasOutlet;

  block Feed "Sends syrup and counts nothing"
    parameter Real rate(unit = "L/h", min = 0) = 100 "Flow at full pace";
    input Real pace(start = 1) "Share of the full flow";
    input Real level(unit = "L", start = 0) "Volume that the flow falls with";
    Outlet outlet;
  equation
    outlet.V_flow = rate*max(pace, 0)*(1 + 0.5*sin(time/40))/(1 + max(level, 0)/50);
    outlet.T = 20 + 10*sin(time/70);
    outlet.c_sugar = 50 + 5*cos(time/30);
    outlet.c_salt = 3;
  end Feed;

  block Vat "Holds what enters by two inlets, makes sugar, delivers as much as it is asked for"
    parameter Real rate(unit = "g/h") = 7 "Sugar made";
    parameter Real volume_start(unit = "L", min = 0) = 40 "Volume at the start";
    input Real demand(unit = "L/h", start = 60, min = 0) "Flow asked for";
    Inlet inlet;
    Inlet back;
    CountedOutlet outlet;
    output Real held_volume(unit = "L", start = volume_start, fixed = true) "Volume";
    output Real held_sugar(unit = "g", start = 80, fixed = true) "Sugar";
    output Real held_salt(unit = "mmol", start = 0, fixed = true) "Salt";
    output Real made_sugar_total(unit = "mg", start = 0, fixed = true) "Sugar made so far";
    output Real heat(unit = "L.K", start = 20*volume_start, fixed = true) "Volume times temperature";
  equation
    outlet.V_flow = demand*held_volume/(held_volume + 1);
    outlet.T = heat/max(held_volume, 1e-6);
    outlet.c_sugar = held_sugar/max(held_volume, 1e-6);
    outlet.c_salt = held_salt/max(held_volume, 1e-6);
    der(outlet.V_total) = 1000*outlet.V_flow/hour;
    der(outlet.m_sugar_total) = 1000*outlet.V_flow*outlet.c_sugar/hour;
    der(outlet.m_salt_total) = outlet.V_flow*outlet.c_salt/hour;
    der(made_sugar_total) = 1000*rate/hour;
    der(held_volume) = (inlet.V_flow + back.V_flow - outlet.V_flow)/hour;
    der(held_sugar) = (inlet.V_flow*inlet.c_sugar + back.V_flow*back.c_sugar + rate - outlet.V_flow*outlet.c_sugar)/hour;
    der(held_salt) = (inlet.V_flow*inlet.c_salt + back.V_flow*back.c_salt - outlet.V_flow*outlet.c_salt)/hour;
    der(heat) = (inlet.V_flow*inlet.T + back.V_flow*back.T - outlet.V_flow*outlet.T)/hour;
  end Vat;

  block Sparger "Sends gas of ten species, more than are added up one by one without care"
    input Real opening(start = 1) "Share of the full flow";
    GasOutlet outlet;
  equation
    outlet.n_flow = 0.01*max(opening, 0)*(1 + 0.3*sin(time/25));
    outlet.T = 310;
    outlet.p = 1e5;
    outlet.y_g0 = 0.055 + 0.001*sin(time/10);
    der(outlet.n_g0_total) = outlet.n_flow*outlet.y_g0;
    outlet.y_g1 = 0.065 + 0.001*sin(time/11);
    der(outlet.n_g1_total) = outlet.n_flow*outlet.y_g1;
    outlet.y_g2 = 0.075 + 0.001*sin(time/12);
    der(outlet.n_g2_total) = outlet.n_flow*outlet.y_g2;
    outlet.y_g3 = 0.085 + 0.001*sin(time/13);
    der(outlet.n_g3_total) = outlet.n_flow*outlet.y_g3;
    outlet.y_g4 = 0.095 + 0.001*sin(time/14);
    der(outlet.n_g4_total) = outlet.n_flow*outlet.y_g4;
    outlet.y_g5 = 0.105 + 0.001*sin(time/15);
    der(outlet.n_g5_total) = outlet.n_flow*outlet.y_g5;
    outlet.y_g6 = 0.115 + 0.001*sin(time/16);
    der(outlet.n_g6_total) = outlet.n_flow*outlet.y_g6;
    outlet.y_g7 = 0.125 + 0.001*sin(time/17);
    der(outlet.n_g7_total) = outlet.n_flow*outlet.y_g7;
    outlet.y_g8 = 0.135 + 0.001*sin(time/18);
    der(outlet.n_g8_total) = outlet.n_flow*outlet.y_g8;
    outlet.y_g9 = 0.145 + 0.001*sin(time/19);
    der(outlet.n_g9_total) = outlet.n_flow*outlet.y_g9;
  end Sparger;

  block Headspace "Takes gas in"
    GasInlet inlet;
    output Real amount(unit = "mol", start = 0, fixed = true) "Gas so far";
    output Real first(unit = "mol", start = 0, fixed = true) "Of the first species";
  equation
    der(amount) = inlet.n_flow;
    der(first) = inlet.n_flow*inlet.y_g0;
  end Headspace;
end Flows;
