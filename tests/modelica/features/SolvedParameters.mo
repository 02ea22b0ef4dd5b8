package SolvedParameters
  model Test "parameters that initial equations determine"
    parameter Real k[2](each fixed=false, each start=1);
    Real x[2](each start=1, each fixed=true);
    output Real y;
  initial equation
    for i in 1:2 loop
      der(x[i]) = -i;
    end for;
  equation
    for i in 1:2 loop
      der(x[i]) = -k[i]*x[i];
    end for;
    y = x[2];
  end Test;
end SolvedParameters;
