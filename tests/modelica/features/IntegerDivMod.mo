package IntegerDivMod
  model Test
    parameter Integer n=5;
    parameter Integer k=div(n,2);
    parameter Integer m=mod(n,3);
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-k*x;
    y=x;
  end Test;
end IntegerDivMod;
