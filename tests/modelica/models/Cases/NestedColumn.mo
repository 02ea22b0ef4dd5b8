within Cases;
model NestedColumn "GeneralRateColumn with everything of a cell in one place: loops inside loops"
  parameter Integer N=100 "cells along the column";
  parameter Integer R=10 "shells of a particle";
  parameter Integer C=2 "components";
  parameter Real L(unit="m")=0.014;
  parameter Real u(unit="m/s")=5.75e-4 "interstitial velocity";
  parameter Real D_ax(unit="m2/s")=5.75e-8;
  parameter Real eps_c=0.37;
  parameter Real eps_p=0.75;
  parameter Real k_f(unit="m/s")=6.9e-6;
  parameter Real r_p(unit="m")=4.5e-5;
  parameter Real D_p(unit="m2/s")=6.07e-11;
  parameter Real k_a[C]={3.55, 2.5};
  parameter Real k_d[C]={0.1, 0.2};
  parameter Real q_max=10;
  final parameter Real dz=L/N;
  final parameter Real dr=r_p/R;
  input Real c_in[C](each start=1);
  output Real c_out[C];
  Real c[N, C](each start=0, each fixed=true);
  Real cp[N, R, C](each start=0, each fixed=true);
  Real q[N, R, C](each start=0, each fixed=true);
protected
  Real J[N, R + 1, C] "flux into the shell from outside";
equation
  for i in 1:N loop
    for j in 1:C loop
      der(c[i, j]) = -u*(c[i, j] - (if i == 1 then c_in[j] else c[i - 1, j]))/dz
        + D_ax*((if i == N then c[N, j] else c[i + 1, j]) - 2*c[i, j] + (if i == 1 then c_in[j] else c[i - 1, j]))/dz^2
        - (1 - eps_c)/eps_c*3/r_p*J[i, R + 1, j];
      J[i, 1, j] = 0;
      for k in 2:R loop
        J[i, k, j] = D_p*eps_p*(cp[i, k, j] - cp[i, k - 1, j])/dr;
      end for;
      J[i, R + 1, j] = k_f*(c[i, j] - cp[i, R, j]);
      for k in 1:R loop
        der(q[i, k, j]) = k_a[j]*cp[i, k, j]*(1 - sum(q[i, k, :])/q_max) - k_d[j]*q[i, k, j];
        eps_p*der(cp[i, k, j]) = 3*((k*dr)^2*J[i, k + 1, j] - ((k - 1)*dr)^2*J[i, k, j])/((k*dr)^3 - ((k - 1)*dr)^3)
          - (1 - eps_p)*der(q[i, k, j]);
      end for;
    end for;
  end for;
  c_out = c[N, :];
end NestedColumn;
