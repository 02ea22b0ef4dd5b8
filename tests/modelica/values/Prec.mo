// y = 1, 1, 2, 3
package Prec
  model Test
    parameter Boolean p=true;
    parameter Boolean q=false;
    output Real y[4]={if p or q and q then 1 else 0, if not p or p then 1 else 0, 12/2/3, 2*3/4*2};
  end Test;
end Prec;
