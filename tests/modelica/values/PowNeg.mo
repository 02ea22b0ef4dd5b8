// y = 4, -8, -4, 1.41421356, 0.25
package PowNeg
  model Test
    Real x(start=-2,fixed=true);
    output Real y[5]={x^2,x^3,-x^2,(-x)^0.5,2^(-2)};
  equation
    der(x)=0;
  end Test;
end PowNeg;
