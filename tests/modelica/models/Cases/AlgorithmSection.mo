within Cases;
model AlgorithmSection "an algorithm in a model that reads what it wrote: beyond the compiler"
  parameter Integer n=3;
  SignalOutput y;
  Real x[n](start={1, 2, 3}, each fixed=true);
  Real w[n];
equation
  der(x) = -x;
  y = sum(x);
algorithm
  for i in 1:n loop
    w[i] := x[i]^2;
    if w[i] > 1 then
      w[i] := 1;
    end if;
  end for;
end AlgorithmSection;
