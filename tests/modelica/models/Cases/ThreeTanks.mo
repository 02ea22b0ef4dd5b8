within Cases;
model ThreeTanks "acausal connectors: tanks joined by valves"
  model Tank
    parameter Real A=2;
    parameter Real h_start=1;
    Port port;
    Real h(start=h_start, fixed=true);
  equation
    A*der(h) = port.q;
    port.p = 0.1*h;
  end Tank;

  model Valve
    parameter Real k=3;
    Port a;
    Port b;
  equation
    a.q + b.q = 0;
    a.q = k*(a.p - b.p);
  end Valve;
  Tank first(h_start=5);
  Tank second(h_start=0.5, A=1);
  Tank third(h_start=0);
  Valve wide;
  Valve narrow(k=1);
  SignalOutput level;
equation
  connect(first.port, wide.a);
  connect(wide.b, second.port);
  connect(second.port, narrow.a);
  connect(narrow.b, third.port);
  level = second.h;
end ThreeTanks;
