// y = 321, 651, 721, 642, 123
package FunDefaults
  function f
    input Real a;
    input Real b=2*a;
    input Real c=a+b;
    output Real y;
  algorithm
    y:=a+10*b+100*c;
  end f;
  model Test
    output Real y[5]={f(1),f(1,5),f(1,c=7),f(a=2),f(c=1,b=2,a=3)};
  end Test;
end FunDefaults;
