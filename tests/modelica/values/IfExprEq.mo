// y = 5, 6
package IfExprEq
  model Test
    Real x;
    Real z;
    output Real y[2]={x,z};
  equation
    if time<0.5 then x=1;
    z=2;
    elseif time<0.8 then x=3;
    z=4;
    else x=5;
    z=6;
  end if;
  end Test;
end IfExprEq;
