within Cases;
model KineticColumn "the end cells by if inside the loop, one derivative used in another"
  parameter Integer N(min=2)=50;
  parameter Real u=100;
  parameter Real L=20;
  parameter Real D=5;
  parameter Real q_max=60;
  parameter Real k_eq=10;
  parameter Real k_kin=100;
  parameter Real porosity=0.4;
  ConcentrationInput c_in(start=1.0);
  ConcentrationOutput c_out;
  Concentration c[N](each start=0, each fixed=true);
  Real q[N](each start=0, each fixed=true);
protected
  final parameter Real dz=L/N;
equation
  for i in 1:N loop
    der(q[i]) = k_kin*(k_eq*c[i]*(1 - q[i]/q_max) - q[i]/q_max);
    der(c[i]) = -u*(c[i] - (if i == 1 then c_in else c[i - 1]))/dz
      + D*((if i == N then c[N] else c[i + 1]) - 2*c[i] + (if i == 1 then c_in else c[i - 1]))/dz^2
      - (1 - porosity)/porosity*der(q[i]);
  end for;
  c_out = c[N];
end KineticColumn;
