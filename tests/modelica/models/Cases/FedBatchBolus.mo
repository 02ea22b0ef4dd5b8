within Cases;
model FedBatchBolus "reinit at time events, an enumeration, when with elsewhen"
  extends PartialVessel(V_start=1000);
  parameter Real mu_max(unit="1/h")=0.05;
  parameter Real Ks=0.3;
  parameter Real Y=0.5;
  parameter Real q_product=0.02;
  parameter Real k_death=0.002;
  parameter Real t_first=48;
  parameter Real interval=24;
  parameter Real V_bolus=20;
  parameter Real S_bolus=400;
  parameter Real t_end=240;
  Real X(start=0.3, fixed=true);
  Real S(start=6, fixed=true);
  Real P(start=0, fixed=true);
  Mode mode(start=Mode.Batch, fixed=true);
  discrete Real t_next(start=t_first, fixed=true);
  discrete Integer n(start=0, fixed=true) "boluses given";
  Real pump;
  Real mu;
equation
  mu = mu_max*saturation(S, Ks);
  pump = if mode == Mode.Feed then F_in else 0;
  der(V) = pump;
  der(X) = (mu - k_death)*X - pump/V*X;
  der(S) = -mu*X/Y + pump/V*(c_in - S);
  der(P) = q_product*X - pump/V*P;
  when S < 0.5 then
    mode = Mode.Feed;
  elsewhen time > t_end then
    mode = Mode.Done;
  end when;
  when time >= pre(t_next) then
    t_next = pre(t_next) + interval;
    n = pre(n) + 1;
    reinit(S, (S*V + S_bolus*V_bolus)/(V + V_bolus));
    reinit(X, X*V/(V + V_bolus));
    reinit(P, P*V/(V + V_bolus));
    reinit(V, V + V_bolus);
  end when;
  c_out = S;
end FedBatchBolus;
