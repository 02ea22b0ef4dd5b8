// y = 1, -2, 3, -4, 5, -6
package ForStep
  model Test
    Real x[6];
    output Real y[6]=x;
  equation
    for i in 1:2:5 loop x[i]=i;
  end for;
  for i in 6:-2:2 loop x[i]=-i;
  end for;
  end Test;
end ForStep;
