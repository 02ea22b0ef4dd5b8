// y = 32.0497871
package ForMix
  model Test
    Real x[3](each start=1,each fixed=true);
    Real z[3,2];
    output Real y=x[3]+z[3,2];
  equation
    for i in 1:3 loop der(x[i])=-i*x[i];
    for j in 1:2 loop z[i,j]=10*i+j;
  end for;
  end for;
  end Test;
end ForMix;
