// y = 0.367879441
package ShortRed
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
  model B2=B(redeclare model M=A2);
  model Test
    B2 b;
    output Real y=b.m.x;
  end Test;
end ShortRed;
