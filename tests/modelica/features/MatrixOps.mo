package MatrixOps
  model Test
    parameter Real A[2,2]={{-1,0.5},{0,-2}};
    Real x[2](each start=1,each fixed=true);
    output Real y;
  equation
    der(x)=A*x;
    y=x[2];
  end Test;
end MatrixOps;
