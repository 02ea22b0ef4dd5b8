// y = 1.10363832, 1.47151776
package ArrNestedElem
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    A m;
  end B;
  model Test
    B q[2](m(a={3,4},each b=1));
    output Real y[2]={q[1].m.x,q[2].m.x};
  end Test;
end ArrNestedElem;
