// y = 0.367879441
package ShortRedEl
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
    replaceable model N=B;
    N n;
  end C;
  model Test
    extends C;
    redeclare model N=B(redeclare model M=A2);
    output Real y=n.m.x;
  end Test;
end ShortRedEl;
