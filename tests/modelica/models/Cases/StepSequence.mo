within Cases;
model StepSequence "a state machine by elsewhen, a Boolean input, an Integer output"
  type Step = enumeration(Idle, Load, Wash, Elute);
  parameter Real t_load=2;
  parameter Real t_wash=1;
  SwitchInput go(start=true);
  Step step(start=Step.Idle, fixed=true);
  discrete Real t_entered(start=0, fixed=true);
  output Integer cycle(start=0, fixed=true);
  Real m(start=0, fixed=true);
equation
  when pre(step) == Step.Idle and go and time > 0.5 then
    step = Step.Load;
    t_entered = time;
    cycle = pre(cycle) + 1;
  elsewhen pre(step) == Step.Load and time > pre(t_entered) + t_load then
    step = Step.Wash;
    t_entered = time;
    cycle = pre(cycle);
  elsewhen pre(step) == Step.Wash and time > pre(t_entered) + t_wash then
    step = Step.Elute;
    t_entered = time;
    cycle = pre(cycle);
  elsewhen pre(step) == Step.Elute and m < 0.5 then
    step = Step.Load;
    t_entered = time;
    cycle = pre(cycle) + 1;
  end when;
  der(m) = if step == Step.Load then 3.0 elseif step == Step.Wash then -0.2 elseif step == Step.Elute then -2*m else 0;
end StepSequence;
