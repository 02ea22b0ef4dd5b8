// y = 1, 4, 5
package FunVec3
  function f
    input Real a;
    input Real b;
    output Real y;
  algorithm
    y:=a*b;
    if y>5 then y:=5;
  end if;
  end f;
  model Test
  parameter Real v[3]={1,2,3};
  output Real y[3]=f(v,v);
  end Test;
end FunVec3;
