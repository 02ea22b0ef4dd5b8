// y = 6
package NPropFun
  function f
    input Real s;
    output Real y;
  algorithm
    y:=s;
  end f;
  function g
    input Real s;
    output Real y;
  algorithm
    y:=3*s;
  end g;
  model B
    replaceable function h=f;
    output Real y=h(2);
  end B;
  model C
    replaceable function k=f;
    B b(redeclare function h=k);
  end C;
  model Test
    C c(redeclare function k=g);
    output Real y=c.b.y;
  end Test;
end NPropFun;
