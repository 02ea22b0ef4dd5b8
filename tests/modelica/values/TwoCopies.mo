// y = 1.47151776, 0.135335283
package TwoCopies
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model A2
    extends A(b=1,a=4);
  end A2;
  model B
    replaceable model M=A;
    M m;
  end B;
  model Test
    B c(redeclare model M=A2);
    B d;
    output Real y[2]={c.m.x,d.m.x};
  end Test;
end TwoCopies;
