within Cases;
model ImplicitPh "pH from one implicit equation in pH itself"
  parameter Real Ka(unit="mol/L")=1.8e-5;
  parameter Real Kw=1e-14;
  parameter Real V(unit="L")=10;
  SignalInput base(start=0.01) "mol/h";
  Real acetate(start=0.05, fixed=true);
  Real sodium(start=0.01, fixed=true);
  Real pH(start=7, min=0, max=14);
equation
  der(acetate) = 0.01*(0.06 - acetate);
  der(sodium) = base/V;
  sodium + 10^(-pH) = Kw*10^pH + acetate*Ka/(Ka + 10^(-pH)) "electroneutrality";
end ImplicitPh;
