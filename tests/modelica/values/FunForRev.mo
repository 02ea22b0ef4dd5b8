// y = 321
package FunForRev
  function f
    input Integer n;
    output Real y;
  algorithm
    y:=0;
    for i in n:-1:1 loop y:=y*10+i;
  end for;
  end f;
  model Test
  output Real y=f(3);
  end Test;
end FunForRev;
