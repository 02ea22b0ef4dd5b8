// y = 6, 10, 2
package TwoFun
  function f
    input Real s;
    input Real k=1;
    output Real y;
  algorithm
    y:=k*s;
  end f;
  model B
    replaceable function g=f;
    output Real y=g(2);
  end B;
  model Test
    B b1(redeclare function g=f(k=3));
    B b2(redeclare function g=f(k=5));
    B b3;
    output Real y[3]={b1.y,b2.y,b3.y};
  end Test;
end TwoFun;
