// y = 5, 1
package StrPar
  model A
    parameter String s="x";
    parameter Real k=if s=="big" then 5 else 1;
    output Real y=k;
  end A;
  model Test
    A a(s="big");
    A b;
    output Real y[2]={a.y,b.y};
  end Test;
end StrPar;
