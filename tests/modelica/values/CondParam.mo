// y = 0.40600585
package CondParam
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model Test
    parameter Boolean u=true;
    parameter Integer n=if u then 2 else 3;
    A m[n](a=fill(3,n),b={i for i in 1:n});
    output Real y=m[n].x;
  end Test;
end CondParam;
