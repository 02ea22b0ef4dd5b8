// y = 3
package LoopWhen
  model P
    discrete Real d(start=0,fixed=true);
  equation
    when time>0.5 then d=time;
  end when;
  end P;
  model Test
  P p[2];
  Real z[2,2];
  output Real y=sum(z);
  equation
  for i in 1:2 loop for j in 1:2 loop z[i,j]=p[i].d*j;
  end for;
  end for;
  end Test;
end LoopWhen;
