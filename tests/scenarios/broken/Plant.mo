package Plant "A source and a tank, small enough to build in a second"
  type Mode = enumeration(off "Nothing flows", on "Feeds") "What a source does";

  connector Inlet "Where liquid enters"
    input Real V_flow(unit = "m3/s", start = 0) "Flow";
    input Real T(unit = "K", start = 298.15) "Temperature";
    input Real c_salt(unit = "mol/m3", start = 0) "Salt";
  end Inlet;

  connector Outlet "Where liquid leaves"
    output Real V_flow(unit = "m3/s") "Flow";
    output Real T(unit = "K") "Temperature";
    output Real c_salt(unit = "mol/m3") "Salt";
    output Real V_total(unit = "m3", start = 0, fixed = true) "Volume so far";
    output Real m_salt_total(unit = "mol", start = 0, fixed = true) "Salt so far";
  end Outlet;

  block Source "Sends salt water"
    parameter Real rate(unit = "m3/s", min = 0) = 1e-6 "Flow when on";
    parameter Real c_feed(unit = "mol/m3", min = 0) = 100 "Salt in the feed";
    input Mode mode(start = Mode.on) "Switch";
    input Real measured(unit = "m3") "Volume of the tank";
    Outlet outlet;
    output Real sent(unit = "mol/s") "Salt sent per second";
  equation
    outlet.V_flow = if mode == Mode.on then rate else 0;
    outlet.T = 298.15;
    outlet.c_salt = c_feed;
    der(outlet.V_total) = outlet.V_flow;
    der(outlet.m_salt_total) = outlet.V_flow*c_feed;
    sent = outlet.V_flow*c_feed;
  end Source;

  block Tank "Holds what comes in and delivers on demand"
    parameter Real volume_start(unit = "m3", min = 0) = 1e-3 "Volume at the start";
    input Real demand(unit = "m3/s", start = 0) "Flow asked for";
    Inlet inlet;
    Outlet outlet;
    output Real volume(unit = "m3", start = volume_start, fixed = true) "Volume";
    output Real held_volume(unit = "m3") "Volume";
    output Real held_salt(unit = "mol", start = 0, fixed = true) "Salt";
  equation
    der(volume) = inlet.V_flow - outlet.V_flow;
    der(held_salt) = inlet.V_flow*inlet.c_salt - outlet.V_flow*outlet.c_salt;
    held_volume = volume;
    outlet.V_flow = demand;
    outlet.T = inlet.T;
    outlet.c_salt = held_salt/max(volume, 1e-9);
    der(outlet.V_total) = outlet.V_flow;
    der(outlet.m_salt_total) = outlet.V_flow*outlet.c_salt;
  end Tank;

  block Pipe "Passes on what comes in, at once"
    Inlet inlet;
    Outlet outlet;
  equation
    outlet.V_flow = inlet.V_flow;
    outlet.T = inlet.T;
    outlet.c_salt = inlet.c_salt;
    der(outlet.V_total) = outlet.V_flow;
    der(outlet.m_salt_total) = outlet.V_flow*outlet.c_salt;
  end Pipe;
end Plant;
