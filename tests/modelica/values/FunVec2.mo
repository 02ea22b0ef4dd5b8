// y = 0, 1, 2
package FunVec2
  function f
    input Real a;
    input Real b;
    output Real y;
  algorithm
    y:=a-b;
  end f;
  model Test
    parameter Real v[3]={1,2,3};
    output Real y[3]=f(v,1);
  end Test;
end FunVec2;
