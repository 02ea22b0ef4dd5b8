// y = 21, 42
package FunVec4
  function f
    input Real a;
    input Real b[2];
    output Real y;
  algorithm
    y:=a*(b[1]+10*b[2]);
  end f;
  model Test
    Real v[2]={1,2}*time;
    output Real y[2]=f(v,v);
  end Test;
end FunVec4;
