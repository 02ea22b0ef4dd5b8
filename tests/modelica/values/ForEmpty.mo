// y = 1
package ForEmpty
  model Test
    parameter Integer n=0;
    Real x[n];
    output Real y=1+sum(x);
  equation
    for i in 1:n loop x[i]=1;
  end for;
  end Test;
end ForEmpty;
