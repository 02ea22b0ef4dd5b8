within Cases;
model SampledController "sample and initial in a when algorithm"
  parameter Real Ts=0.5;
  parameter Real k_p=2;
  parameter Real k_i=0.4;
  parameter Real setpoint=7;
  discrete Real e(start=0, fixed=true);
  discrete Real I(start=0, fixed=true);
  discrete Real u(start=0, fixed=true);
  Real x(start=5, fixed=true);
algorithm
  when {initial(), sample(Ts, Ts)} then
    e := setpoint - x;
    I := pre(I) + k_i*Ts*e;
    u := min(max(k_p*e + I, 0), 10);
  end when;
equation
  der(x) = -0.3*x + 0.5*u;
end SampledController;
