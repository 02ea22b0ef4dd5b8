// y = 1, 7, 3
package ParIf2
  model B
    parameter Integer n=2;
    parameter Real k=if n==1 then 1 else if n==2 then 7 else 3;
    output Real y=k;
  end B;
  model Test
    B b[3](n={1,2,3});
    output Real y[3]=b.y;
  end Test;
end ParIf2;
