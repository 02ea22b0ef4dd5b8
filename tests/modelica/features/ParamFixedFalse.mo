package ParamFixedFalse
  model Test
    parameter Real k(fixed=false);
    Real x(start=1,fixed=true);
    output Real y;
  initial equation
    der(x)=-2;
  equation
    der(x)=-k*x;
    y=x;
  end Test;
end ParamFixedFalse;
