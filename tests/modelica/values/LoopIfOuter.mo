// y = 9
package LoopIfOuter
  model Test
    parameter Boolean b=true;
    Real x[2,2];
    output Real y=sum(x);
  equation
    if b then for i in 1:2 loop for j in 1:2 loop x[i,j]=i*j;
  end for;
  end for;
  else for i in 1:2 loop for j in 1:2 loop x[i,j]=0;
  end for;
  end for;
  end if;
  end Test;
end LoopIfOuter;
