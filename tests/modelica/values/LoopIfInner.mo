// y = 9
package LoopIfInner
  model Test
    parameter Boolean b=true;
    Real x[2,2];
    output Real y=sum(x);
  equation
    for i in 1:2 loop if b then for j in 1:2 loop x[i,j]=i*j;
  end for;
  else for j in 1:2 loop x[i,j]=0;
  end for;
  end if;
  end for;
  end Test;
end LoopIfInner;
