// y = 11
package ForShadow
  model Test
    parameter Real i=5;
    Real x[3];
    output Real y=sum(x)+i;
  equation
    for i in 1:3 loop x[i]=i;
  end for;
  end Test;
end ForShadow;
