// y = 0.367879441, 0.735758882, 1.10363832
package InitFor
  model Test
    Real x[3];
    output Real y[3]=x;
  initial equation
    for i in 1:3 loop x[i]=i;
  end for;
  equation
  der(x)=-x;
  end Test;
end InitFor;
