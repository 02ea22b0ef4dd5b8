// y = 8281
package ForIfTwo
  model Test
    parameter Integer n=4;
    Real x[n];
    Real z[n];
    output Real y=x[1]+10*x[4]+100*z[1]+1000*z[4];
  equation
    for i in 1:n loop z[i]=2*i;
    if i<3 then x[i]=i;
    else x[i]=z[i];
  end if;
  end for;
  end Test;
end ForIfTwo;
