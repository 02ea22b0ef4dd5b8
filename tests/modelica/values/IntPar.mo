// y = -0.5, 2
package IntPar
  model Test
    parameter Integer n=5;
    parameter Integer m=n-7;
    output Real y[2]={m/4,mod(m,4)};
  end Test;
end IntPar;
