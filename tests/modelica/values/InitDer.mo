// y = 1, 2
package InitDer
  model Test
    Real x[2](each start=1);
    output Real y[2]=x;
  initial equation
    der(x)={0,0};
  equation
    der(x)={2,4}-2*x;
  end Test;
end InitDer;
