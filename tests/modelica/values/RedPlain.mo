// y = 1.21801755
package RedPlain
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model A2
    extends A(a=9);
  end A2;
  model B
    replaceable model M=A(b=1);
    M m;
  end B;
  model Test
    B c(redeclare model M=A2);
    output Real y=c.m.x;
  end Test;
end RedPlain;
