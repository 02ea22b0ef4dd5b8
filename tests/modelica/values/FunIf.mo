// y = 1, 2, 3
package FunIf
  function f
    input Real a;
    output Real y;
  algorithm
    if a<1 then y:=1;
    elseif a<2 then y:=2;
    else y:=3;
  end if;
  end f;
  model Test
  output Real y[3]={f(0.5),f(1.5),f(time+2)};
  end Test;
end FunIf;
