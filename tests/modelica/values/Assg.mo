// y = 0.135335283
package Assg
  model Test
    Real x(start=1,fixed=true);
    Real z;
    output Real y=z;
  equation
    der(x)=-x;
    z=x*x;
    assert(x>-1,"no");
  end Test;
end Assg;
