// y = 32146
package ForNestDep
  model Test
    Real x[3,3];
    output Real y=sum(x)+1000*x[3,2]+x[2,3];
  equation
    for i in 1:3 loop for j in 1:i loop x[i,j]=10*i+j;
  end for;
  for j in i+1:3 loop x[i,j]=-1;
  end for;
  end for;
  end Test;
end ForNestDep;
