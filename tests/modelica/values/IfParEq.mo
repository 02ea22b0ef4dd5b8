// y = 7
package IfParEq
  model Test
    parameter Integer m=2;
    Real x;
    output Real y=x;
  equation
    if m==1 then x=1;
    elseif m==2 then x=7;
    else x=3;
  end if;
  end Test;
end IfParEq;
