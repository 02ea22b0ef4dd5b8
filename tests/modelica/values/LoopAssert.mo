// y = 9
package LoopAssert
  model Test
    Real x[2,2];
    output Real y=sum(x);
  equation
    for i in 1:2 loop assert(i>0,"for i loop");
    for j in 1:2 loop x[i,j]=i*j;
  end for;
  end for;
  end Test;
end LoopAssert;
