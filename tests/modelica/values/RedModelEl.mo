// y = 2.57515609
package RedModelEl
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    replaceable model M=A;
    M m;
  end B;
  model Test
    extends B;
    redeclare model M=A(a=7,b=1);
    output Real y=m.x;
  end Test;
end RedModelEl;
