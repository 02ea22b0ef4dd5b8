// y = 6
package ExtFunConst
  function f
    input Real s;
    input Real k=1;
    output Real y;
  algorithm
    y:=k*s;
  end f;
  function g
    extends f(k=3);
  end g;
  model Test
    output Real y=g(2);
  end Test;
end ExtFunConst;
