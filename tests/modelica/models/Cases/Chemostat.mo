within Cases;
model Chemostat "inheritance, types, a function, a record of parameters"
  extends PartialVessel(V_start=500);
  parameter Growth growth(mu_max=0.3, Ks=0.2);
  parameter Concentration X_start=0.5;
  Concentration X(start=X_start, fixed=true);
  Concentration S(start=10, fixed=true);
  SignalOutput OUR;
protected
  Rate mu;
equation
  mu = growth.mu_max*saturation(S, growth.Ks);
  der(V) = 0;
  der(X) = (mu - D)*X;
  der(S) = D*(c_in - S) - mu*X/growth.Y;
  c_out = S;
  OUR = 1.2*mu*X;
end Chemostat;
