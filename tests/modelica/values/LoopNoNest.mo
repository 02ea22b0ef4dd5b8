// y = 18
package LoopNoNest
  model Test
    Real x[2,2];
    Real z[2];
    output Real y=sum(x)+sum(z);
  equation
    for i in 1:2 loop for j in 1:2 loop x[i,j]=i*j;
  end for;
  z[i]=sum(x[i,:]);
  end for;
  end Test;
end LoopNoNest;
