// y = 1.10363832
package ShortClass2
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B=A(a=7,b=1);
  model Test
    B m(a=3);
    output Real y=m.x;
  end Test;
end ShortClass2;
