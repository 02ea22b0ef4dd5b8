package ComponentsInNestedLoop
  model Test "an array of components indexed in a loop, inside a component"
    model Doubling
      input Real u;
      output Real y;
    equation
      y = 2*u;
    end Doubling;
    model Row
      parameter Integer n=2;
      Doubling doubling[n];
      Real y[n];
    equation
      for i in 1:n loop
        doubling[i].u = i*time;
        y[i] = doubling[i].y;
      end for;
    end Row;
    Row row(n=3);
    output Real y;
  equation
    y = row.y[2] + sum(row.doubling.y);
  end Test;
end ComponentsInNestedLoop;
