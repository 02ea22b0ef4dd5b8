package ArrayRowsInLoop
  model Test "an equation between rows of matrices inside a loop"
    parameter Integer n=3;
    Real c[n, 2](each start=1, each fixed=true);
    output Real y;
  equation
    for i in 1:n loop
      der(c[i, :]) = -c[i, :]*i;
    end for;
    y = sum(c);
  end Test;
end ArrayRowsInLoop;
