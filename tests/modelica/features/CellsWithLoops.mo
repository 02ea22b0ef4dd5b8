package CellsWithLoops
  model Cell
    parameter Integer m=1;
    Real c[m](each start=1, each fixed=true);
    Real r[m];
    input Real s;
  equation
    for j in 1:m loop
      r[j] = j*c[j]*s;
      der(c[j]) = -r[j];
    end for;
  end Cell;

  model Test "loops inside an array of components, a sum over them"
    parameter Integer n=3;
    Cell cell[n](each m=2);
    output Real y;
  equation
    for i in 1:n loop
      cell[i].s = i;
    end for;
    y = sum(cell[i].c[1] for i in 1:n) + cell[2].c[2];
  end Test;
end CellsWithLoops;
