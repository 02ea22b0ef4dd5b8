package Vendor "Units as vendors use them: litres, hours, grams"
  connector Inlet "Where liquid enters"
    input Real V_flow(unit = "L/h", start = 0) "Flow";
    input Real c_sugar(unit = "g/L", start = 0) "Sugar";
  end Inlet;

  connector Outlet "Where liquid leaves"
    output Real V_flow(unit = "L/h") "Flow";
    output Real c_sugar(unit = "g/L") "Sugar";
  end Outlet;

  connector CountedOutlet "Where liquid leaves and is counted"
    extends Outlet;
    output Real V_total(unit = "L", start = 0, fixed = true) "Volume so far";
    output Real m_sugar_total(unit = "g", start = 0, fixed = true) "Sugar so far";
  end CountedOutlet;

  block Feed "Sends syrup and counts nothing"
    parameter Real rate(unit = "L/h") = 100 "Flow";
    Outlet outlet;
  equation
    outlet.V_flow = rate;
    outlet.c_sugar = 50;
  end Feed;

  block Vat "Overflows, and makes sugar"
    constant Real hour = 3600 "Seconds in an hour";
    constant Real rate(unit = "g/h") = 7 "Sugar made";
    Inlet inlet;
    CountedOutlet outlet;
    output Real held_volume(unit = "L") "Volume";
    output Real held_sugar(unit = "g", start = 0, fixed = true) "Sugar";
    output Real made_sugar_total(unit = "mg", start = 0, fixed = true) "Sugar made so far";
  equation
    held_volume = 40;
    outlet.V_flow = inlet.V_flow;
    outlet.c_sugar = held_sugar/held_volume;
    der(outlet.V_total) = outlet.V_flow/hour;
    der(outlet.m_sugar_total) = outlet.V_flow*outlet.c_sugar/hour;
    der(made_sugar_total) = 1000*rate/hour;
    der(held_sugar) = (inlet.V_flow*inlet.c_sugar + rate - outlet.V_flow*outlet.c_sugar)/hour;
  end Vat;
end Vendor;
