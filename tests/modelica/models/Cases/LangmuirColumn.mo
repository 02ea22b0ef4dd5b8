within Cases;
model LangmuirColumn "two components that compete, the end cells as equations of their own"
  parameter Integer N=50;
  parameter Integer M=2;
  parameter Real u=100;
  parameter Real L=20;
  parameter Real D=5;
  parameter Real porosity=0.4;
  parameter Real q_max[M]={60, 40};
  parameter Real b[M]={2.0, 0.5};
  parameter Real k[M]={200, 300};
  SignalInput c_in[M](start={1.0, 0.5});
  SignalOutput c_out[M];
  Real c[N, M](each start=0, each fixed=true);
  Real q[N, M](each start=0, each fixed=true);
  Real q_eq[N, M];
  final parameter Real dz=L/N;
  final parameter Real ratio=(1 - porosity)/porosity;
  Real v;
equation
  v = u/porosity;
  for j in 1:M loop
    der(c[1, j]) = -v*(c[1, j] - c_in[j])/dz + D*(c[2, j] - c[1, j])/dz^2 - ratio*der(q[1, j]);
    der(c[N, j]) = -v*(c[N, j] - c[N - 1, j])/dz + D*(c[N - 1, j] - c[N, j])/dz^2 - ratio*der(q[N, j]);
  end for;
  for i in 2:N - 1, j in 1:M loop
    der(c[i, j]) = -v*(c[i, j] - c[i - 1, j])/dz + D*(c[i + 1, j] - 2*c[i, j] + c[i - 1, j])/dz^2
      - ratio*der(q[i, j]);
  end for;
  for i in 1:N, j in 1:M loop
    q_eq[i, j] = q_max[j]*b[j]*c[i, j]/occupancy(c[i, :], b);
    der(q[i, j]) = k[j]*(q_eq[i, j] - q[i, j]);
  end for;
  c_out = c[N, :];
end LangmuirColumn;
