package ArraySliceEq
  model Test
    parameter Integer n=4;
    Real x[n](each start=1,each fixed=true);
    output Real y;
  equation
    der(x[1])=-x[1];
    der(x[2:n])=-2*x[2:n];
    y=x[n];
  end Test;
end ArraySliceEq;
