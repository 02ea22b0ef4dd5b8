// y = 0.367879441, 1.83939721
package FixArr
  model Test
    Real x[2](start={1,2},fixed={true,false});
    output Real y[2]=x;
  initial equation
    x[2]=5;
  equation
    der(x)=-x;
  end Test;
end FixArr;
