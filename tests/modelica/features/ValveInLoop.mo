package ValveInLoop
  model Test "a valve with hysteresis inside a nonlinear equation: x rises by 1, falls by 2"
    Real x(start=0, fixed=true);
    Boolean open(start=false, fixed=true);
    Real p(start=1);
    output Real y;
  equation
    p + 0.1*p^3 = x + (if open then -0.5 else 0);
    der(x) = 1 - (if open then 3 else 0);
    when p > 0.6 then
      open = true;
    elsewhen p < 0.1 then
      open = false;
    end when;
    y = x;
  end Test;
end ValveInLoop;
