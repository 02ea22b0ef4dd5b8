// y = 6
package FunVec5
  type V=Real[2];
  function f
    input V a;
    input Real c;
    output Real y;
  algorithm
    y:=a*a+c;
  end f;
  model Test
    output Real y=f({1,2},time);
  end Test;
end FunVec5;
