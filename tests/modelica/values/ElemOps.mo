// y = 4, 9, 1, 0.666666667, 4, 9, 13, 2
package ElemOps
  model Test
    parameter Real a[2]={2,3};
    output Real y[8]=cat(1,a.^2,2 ./a,a.*a, {a*a,sum(a./a)});
  end Test;
end ElemOps;
