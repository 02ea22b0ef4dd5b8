// y = 3, 4
package FunTypeLocal
  type V=Real[2];
  function f
    input V a;
    output V y;
  protected
    V w;
  algorithm
    for i in 1:2 loop w[i]:=2*a[i];
  end for;
  y:=w;
  y[1]:=w[1]+1;
  end f;
  model Test
  output Real y[2]=f({1,2}*time);
  end Test;
end FunTypeLocal;
