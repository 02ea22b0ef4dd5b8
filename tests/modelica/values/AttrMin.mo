// y = 0.367879441
package AttrMin
  model Test
    Real x(start=1,fixed=true,min=-5,max=5);
    output Real y=x;
  equation
    der(x)=-x;
  end Test;
end AttrMin;
