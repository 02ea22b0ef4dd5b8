// y = 3
package Homotopy
  model Test
    Real x=homotopy(3,2);
    output Real y=x;
  end Test;
end Homotopy;
