// y = 2.94303553
package RedPlusComp
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
    replaceable model M=A;
    M m(a=3);
  end B;
  model Test
    B c(redeclare model M=A2, m(a=8));
    output Real y=c.m.x;
  end Test;
end RedPlusComp;
