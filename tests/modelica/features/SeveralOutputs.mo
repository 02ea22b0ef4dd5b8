package SeveralOutputs
  function f
    input Real x;
    output Real a;
    output Real b;
  algorithm
    a:=x;
    b:=2*x;
  end f;
  model Test
    Real x(start=1,fixed=true);
    Real a;
    Real b;
    output Real y;
  equation
    (a,b)=f(x);
    der(x)=-b;
    y=x;
  end Test;
end SeveralOutputs;
