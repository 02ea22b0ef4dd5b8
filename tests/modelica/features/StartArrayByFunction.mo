package StartArrayByFunction
  function prof
    input Integer n;
    output Real c[n];
  algorithm
    for i in 1:n loop c[i]:=i;
    end for;
  end prof;
  model Test
    Real x[3](start=prof(3),each fixed=true);
    output Real y;
  equation
    der(x)=-x;
    y=x[3];
  end Test;
end StartArrayByFunction;
