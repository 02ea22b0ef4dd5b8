package Exchange "A plant with everything that a container has to do between its parts"
  connector Inlet "In litres and hours"
    input Real V_flow(unit = "L/h", start = 0) "Flow";
    input Real T(unit = "degC", start = 20) "Temperature";
    input Real c_salt(unit = "g/L", start = 0) "Salt";
  end Inlet;

  connector SiInlet "In SI units"
    input Real V_flow(unit = "m3/s", start = 0) "Flow";
    input Real T(unit = "K", start = 290) "Temperature";
    input Real c_salt(unit = "kg/m3", start = 0) "Salt";
    input Real c_sugar(unit = "kg/m3", start = 0) "Sugar";
  end SiInlet;

  connector SiOutlet "In SI units, counted"
    output Real V_flow(unit = "m3/s") "Flow";
    output Real T(unit = "K") "Temperature";
    output Real c_salt(unit = "kg/m3") "Salt";
    output Real V_total(unit = "m3", start = 0, fixed = true) "Volume so far";
    output Real m_salt_total(unit = "kg", start = 0, fixed = true) "Salt so far";
  end SiOutlet;

  connector GasInlet "Gas"
    input Real n_flow(unit = "mol/s", start = 0) "Flow";
    input Real y_oxygen(unit = "1", start = 0) "Oxygen";
  end GasInlet;

  connector GasOutlet "Gas, counted by species"
    output Real n_flow(unit = "mol/s") "Flow";
    output Real y_oxygen(unit = "1") "Oxygen";
    output Real y_nitrogen(unit = "1") "Nitrogen";
    output Real n_oxygen_total(unit = "mol", start = 0, fixed = true) "Oxygen so far";
    output Real n_nitrogen_total(unit = "mol", start = 0, fixed = true) "Nitrogen so far";
  end GasOutlet;

  connector Outlet "In litres and hours, not counted"
    output Real V_flow(unit = "L/h") "Flow";
    output Real T(unit = "degC") "Temperature";
    output Real c_salt(unit = "g/L") "Salt";
  end Outlet;

  block Feed "Sends what keeps a level, and counts nothing"
    parameter Real level_set(unit = "L") = 40 "Level wanted";
    parameter Real gain(unit = "1/h") = 3 "Of the controller";
    input Real level(unit = "L", start = 0) "Measured level";
    Outlet outlet;
    Real warmth(start = 0, fixed = true);
  equation
    der(warmth) = 1e-3;
    outlet.V_flow = max(0.0, gain*(level_set - level));
    outlet.T = 25 + warmth;
    outlet.c_salt = 50;
  end Feed;

  block Tank "Mixes two streams, breathes, overflows"
    parameter Real volume_start(unit = "m3") = 0.03 "At the start";
    parameter Real outflow(unit = "m3/s") = 5e-6 "Of liquid";
    SiInlet inlet;
    SiInlet back;
    GasInlet air;
    SiOutlet outlet;
    GasOutlet off;
    output Real volume(unit = "m3", start = volume_start, fixed = true) "Volume";
    output Real salt(unit = "kg", start = 0, fixed = true) "Salt";
    output Boolean is_full "More than 33 L";
    Real oxygen(start = 0, fixed = true);
  equation
    der(volume) = inlet.V_flow + back.V_flow - outlet.V_flow;
    der(salt) = inlet.V_flow*inlet.c_salt + back.V_flow*back.c_salt - outlet.V_flow*outlet.c_salt;
    der(oxygen) = 1e-3*(air.y_oxygen - oxygen);
    is_full = volume > 0.033;
    outlet.V_flow = outflow;
    outlet.T = (inlet.V_flow*inlet.T + back.V_flow*back.T + 1e-12*290)/(inlet.V_flow + back.V_flow + 1e-12);
    outlet.c_salt = salt/volume;
    der(outlet.V_total) = outlet.V_flow;
    der(outlet.m_salt_total) = outlet.V_flow*outlet.c_salt;
    off.n_flow = air.n_flow;
    off.y_oxygen = 0.9*oxygen;
    off.y_nitrogen = 1 - off.y_oxygen;
    der(off.n_oxygen_total) = off.n_flow*off.y_oxygen;
    der(off.n_nitrogen_total) = off.n_flow*off.y_nitrogen;
  end Tank;

  block Loop "Takes liquid and gas, and gives half of the liquid back"
    SiInlet inlet;
    GasInlet gas;
    SiOutlet outlet;
    input Boolean is_open(start = false) "Gives back";
    output Real got(unit = "mol", start = 0, fixed = true) "Oxygen";
  equation
    der(got) = gas.n_flow*gas.y_oxygen;
    outlet.V_flow = if is_open then 0.5*inlet.V_flow else 0.25*inlet.V_flow;
    outlet.T = inlet.T - 2;
    outlet.c_salt = inlet.c_salt;
    der(outlet.V_total) = outlet.V_flow;
    der(outlet.m_salt_total) = outlet.V_flow*outlet.c_salt;
  end Loop;
end Exchange;
