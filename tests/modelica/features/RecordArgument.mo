package RecordArgument
  record P
    Real k=2;
  end P;
  function f
    input P p;
    input Real x;
    output Real y;
  algorithm
    y:=p.k*x;
  end f;
  model Test
    parameter P p;
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-f(p,x);
    y=x;
  end Test;
end RecordArgument;
