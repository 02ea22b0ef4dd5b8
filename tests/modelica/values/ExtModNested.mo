// y = 1.83939721
package ExtModNested
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    A m(a=2);
  end B;
  model Test
    extends B(m(a=5,b=1));
    output Real y=m.x;
  end Test;
end ExtModNested;
