// y = 4332
package LoopInit
  model Test
    Real x[2,2];
    output Real y=x[1,1]+10*x[1,2]+100*x[2,1]+1000*x[2,2];
  initial equation
    for i in 1:2 loop for j in 1:2 loop x[i,j]=i+j;
  end for;
  end for;
  equation
  for i in 1:2 loop for j in 1:2 loop der(x[i,j])=0;
  end for;
  end for;
  end Test;
end LoopInit;
