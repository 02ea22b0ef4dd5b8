within Cases;
model TableRate "a table function with array arguments, vector equations, a scalar product"
  parameter Real xs[4]={0, 10, 20, 40};
  parameter Real ys[4]={1, 3, 4, 10};
  parameter Integer n=3;
  parameter Real k[n]={0.1, 0.2, 0.3};
  SignalOutput y;
  Real x[n](start={1, 2, 3}, each fixed=true);
  Real f;
  Real w[n];
equation
  f = table(time, xs, ys);
  der(x) = -k.*x*f + 0.1*ones(n);
  y = sum(x) + x*k;
  for i in 1:n loop
    w[i] = min(x[i]^2, 1);
  end for;
end TableRate;
