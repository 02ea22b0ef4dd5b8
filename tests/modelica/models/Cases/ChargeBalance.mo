within Cases;
model ChargeBalance "pH from a charge balance: three equations to be solved together"
  parameter Real Ka(unit="mol/L")=1.8e-5;
  parameter Real Kw=1e-14;
  parameter Real V(unit="L")=10;
  SignalInput base(start=0.01) "mol/h";
  SignalOutput pH_out;
  Real acetate(start=0.05, fixed=true) "mol/L";
  Real sodium(start=0.01, fixed=true) "mol/L";
  Real pH(start=4.5);
  Real H(start=1e-5, min=0, nominal=1e-5);
  Real OH;
  Real A;
equation
  der(acetate) = 0.01*(0.06 - acetate);
  der(sodium) = base/V;
  H = 10^(-pH);
  OH*H = Kw;
  A = acetate*Ka/(Ka + H);
  sodium + H = OH + A "electroneutrality";
  pH_out = pH;
end ChargeBalance;
