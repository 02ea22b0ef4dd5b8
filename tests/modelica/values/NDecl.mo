// y = 0.367879441
package NDecl
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
    M m;
  end B;
  model C
    B b(redeclare model M=A2);
  end C;
  model Test
    C c;
    output Real y=c.b.m.x;
  end Test;
end NDecl;
