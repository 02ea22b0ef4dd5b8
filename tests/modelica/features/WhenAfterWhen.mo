package WhenAfterWhen
  model Test "one when sets off another through an algebraic variable"
    Real x(start=0, fixed=true);
    discrete Real a(start=0, fixed=true);
    discrete Real c(start=0, fixed=true);
    Real w;
    output Real y;
  equation
    der(x) = 1;
    w = 2*a;
    when x > 0.5 then
      a = x;
    end when;
    when w > 0.1 then
      c = w + 1;
    end when;
    y = c;
  end Test;
end WhenAfterWhen;
