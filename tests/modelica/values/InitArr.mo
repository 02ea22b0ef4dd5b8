// y = 1.10363832, 1.47151776
package InitArr
  model Test
    Real x[2];
    output Real y[2]=x;
  initial equation
    x={3,4};
  equation
    der(x)=-x;
  end Test;
end InitArr;
