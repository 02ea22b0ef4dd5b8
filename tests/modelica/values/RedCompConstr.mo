// y = 2.20727665
package RedCompConstr
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
  model B
    replaceable A m constrainedby A(a=6);
  end B;
  model Test
    B c(redeclare A2 m);
    output Real y=c.m.x;
  end Test;
end RedCompConstr;
