within Cases;
model SteadyStart "initial equations, if equations on a parameter, a jump in time, an assert"
  parameter Real k=0.5;
  parameter Real K_inhibition=2;
  parameter Boolean is_inhibited=true;
  SignalInput u(start=1);
  Real x;
  Real z(start=1);
protected
  Real r;
initial equation
  der(x) = 0;
  z = 2*x;
equation
  if is_inhibited then
    r = k*x/(1 + x/K_inhibition);
  else
    r = k*x;
  end if;
  der(x) = u*(1 + (if time > 5 then 1 else 0)) - r;
  der(z) = -z + x;
  assert(x > -1e-3, "The concentration became negative.");
end SteadyStart;
