// y = 2
package IfNoElse
  model Test
    parameter Boolean b=false;
    Real x=2;
    output Real y=x;
  equation
    if b then x=1;
  end if;
  end Test;
end IfNoElse;
