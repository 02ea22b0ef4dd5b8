// y = 1.47151776, 1.47151776
package RedArr
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
    B c[2](redeclare each model M=A2);
    output Real y[2]={c[1].m.x,c[2].m.x};
  end Test;
end RedArr;
