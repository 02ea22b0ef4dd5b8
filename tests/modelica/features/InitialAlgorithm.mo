package InitialAlgorithm
  model Test
    Real x;
    output Real y;
  initial algorithm
    x:=3;
  equation
    der(x)=-x;
    y=x;
  end Test;
end InitialAlgorithm;
