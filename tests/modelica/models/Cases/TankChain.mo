within Cases;
model TankChain "an array of components, connected in a loop"
  block Tank
    parameter Real tau=1;
    SignalInput u;
    SignalOutput y;
    Real x(start=0, fixed=true);
  equation
    der(x) = (u - x)/tau;
    y = x;
  end Tank;
  parameter Integer n=5;
  Tank tank[n](each tau=0.5);
  Tank last(tau=2);
  SignalInput u(start=1);
  SignalOutput y;
equation
  connect(u, tank[1].u);
  for i in 1:n - 1 loop
    connect(tank[i].y, tank[i + 1].u);
  end for;
  connect(tank[n].y, last.u);
  connect(last.y, y);
end TankChain;
