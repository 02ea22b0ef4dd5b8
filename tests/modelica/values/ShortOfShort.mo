// y = 2.57515609
package ShortOfShort
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B=A(a=7);
  model C=B(b=1);
  model Test
    C m;
    output Real y=m.x;
  end Test;
end ShortOfShort;
