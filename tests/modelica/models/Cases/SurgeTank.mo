within Cases;
model SurgeTank "a pump with hysteresis: state events, a counter, noEvent inside smooth"
  parameter Real high=10;
  parameter Real low=1;
  SignalInput q_in(start=1.0);
  SignalOutput q_out;
  Real V(start=0, fixed=true);
  Real total(start=0, fixed=true);
  Boolean draining(start=false, fixed=true);
  discrete Integer n(start=0, fixed=true);
equation
  der(V) = q_in - q_out;
  q_out = if draining then 5*smooth(0, noEvent(if V > 0 then V/(V + 0.01) else 0)) else 0;
  der(total) = q_out;
  when V > high then
    draining = true;
    n = pre(n) + 1;
  elsewhen V < low then
    draining = false;
    n = pre(n);
  end when;
end SurgeTank;
