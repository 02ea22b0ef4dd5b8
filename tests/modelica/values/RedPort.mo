// y = 1.10363832
package RedPort
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model A2
    extends A(b=1);
  end A2;
  partial model PB
    replaceable A m;
  end PB;
  model B
    extends PB(redeclare A2 m(a=3));
  end B;
  model Test
    extends B;
    output Real y=m.x;
  end Test;
end RedPort;
