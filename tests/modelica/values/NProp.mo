// y = 0.367879441
package NProp
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
    replaceable model N=A;
    B b(redeclare model M=N);
  end C;
  model Test
    C c(redeclare model N=A2);
    output Real y=c.b.m.x;
  end Test;
end NProp;
