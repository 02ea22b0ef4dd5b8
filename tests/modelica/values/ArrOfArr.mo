// y = 1.10363832, 1.47151776, 1.83939721, 2.20727665
package ArrOfArr
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    A m[2];
  end B;
  model Test
    B q[2](m(a={{3,4},{5,6}},each b=1));
    output Real y[4]={q[1].m[1].x,q[1].m[2].x,q[2].m[1].x,q[2].m[2].x};
  end Test;
end ArrOfArr;
