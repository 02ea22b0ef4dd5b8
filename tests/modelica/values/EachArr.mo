// y = 1.50964417
package EachArr
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model Test
    A m[2](each a=3,b={1,2});
    output Real y=m[1].x+m[2].x;
  end Test;
end EachArr;
