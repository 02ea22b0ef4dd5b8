// y = 10, 20, 30
package ForIfTime
  model Test
    parameter Integer n=3;
    Real x[n];
    output Real y[3]=x;
  equation
    for i in 1:n loop if time<0.3*i then x[i]=i;
    else x[i]=10*i;
  end if;
  end for;
  end Test;
end ForIfTime;
