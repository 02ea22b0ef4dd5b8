// y = 199
package FunNest
  function f
    input Real a;
    input Real b=2;
    output Real y;
  algorithm
    y:=a-b;
  end f;
  function g
    input Real a;
    output Real y;
  algorithm
    y:=f(f(a),b=f(b=1,a=a));
  end g;
  model Test
    output Real y=g(10)+100*f(f(b=1,a=5));
  end Test;
end FunNest;
