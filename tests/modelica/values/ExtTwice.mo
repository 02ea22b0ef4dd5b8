// y = 1.47151776
package ExtTwice
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    extends A(a=2);
  end B;
  model C
    extends B(b=1);
  end C;
  model Test
    extends C(a=4);
    output Real y=x;
  end Test;
end ExtTwice;
