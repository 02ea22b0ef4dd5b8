package MatrixFunction
  function product
    input Real A[:, :];
    input Real v[size(A, 2)];
    output Real w[size(A, 1)];
  algorithm
    for i in 1:size(A, 1) loop
      w[i] := 0;
      for j in 1:size(A, 2) loop
        w[i] := w[i] + A[i, j]*v[j];
      end for;
    end for;
  end product;

  model Test "a function of a matrix and a vector, a sum over a row"
    parameter Real A[2, 3]={{1, 2, 3}, {4, 5, 6}};
    Real x[3](start={1, 1, 1}, each fixed=true);
    Real w[2];
    output Real y;
  equation
    w = product(A, x);
    der(x) = -{1, 2, 3}.*x;
    y = w[1] + sum(A[2, :]);
  end Test;
end MatrixFunction;
