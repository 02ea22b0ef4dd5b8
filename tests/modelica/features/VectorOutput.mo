package VectorOutput
  function f
    input Real x[:];
    output Real y[size(x,1)];
  algorithm
    for i in 1:size(x,1) loop y[i]:=i*x[i];
    end for;
  end f;
  model Test
    Real x[2](each start=1,each fixed=true);
    output Real y;
  equation
    der(x)=-f(x);
    y=x[1]+x[2];
  end Test;
end VectorOutput;
