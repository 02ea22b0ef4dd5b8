package IfEquations
  model Test "if equations on a parameter and on time"
    parameter Boolean b=true;
    Real x(start=1, fixed=true);
    Real z;
    output Real y;
  equation
    if b then
      der(x) = -x;
      z = 1;
    else
      der(x) = x;
      z = 2;
    end if;
    if time < 0.3 then
      y = x;
    else
      y = 2*x*z;
    end if;
  end Test;
end IfEquations;
