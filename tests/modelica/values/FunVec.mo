// y = 1, 4, 9
package FunVec
  function f
    input Real a;
    output Real y;
  algorithm
    y:=a^2;
  end f;
  model Test
    parameter Real v[3]={1,2,3};
    output Real y[3]=f(v);
  end Test;
end FunVec;
