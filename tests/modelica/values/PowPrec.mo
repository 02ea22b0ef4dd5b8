// y = -4, 16, 0.5, 64, 0
package PowPrec
  model Test
    parameter Real a=2;
    output Real y[5]={-a^2,2*a^3,a^(-1),(a^2)^3,a-1-1};
  end Test;
end PowPrec;
