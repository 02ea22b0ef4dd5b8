// y = 6
package ParInit
  model Test
    parameter Real k(fixed=false);
    Real x(start=2,fixed=true);
    output Real y=k;
  initial equation
    k=3*x;
  equation
    der(x)=-x;
  end Test;
end ParInit;
