package InitialOrCondition
  model Test "a condition that is true at the start and becomes true again"
    discrete Real n(start=0, fixed=true);
    Real x(start=0, fixed=true);
    output Real y;
  equation
    der(x) = 1;
    when initial() or x > 0.5 then
      n = pre(n) + 1;
    end when;
    y = n;
  end Test;
end InitialOrCondition;
