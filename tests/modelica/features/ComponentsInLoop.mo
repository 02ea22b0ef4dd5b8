package ComponentsInLoop
  model Test "members of an array of components in a loop"
    model C
      parameter Real k=1;
      input Real u;
      output Real y;
      Real x(start=0, fixed=true);
    equation
      der(x) = k*(u - x);
      y = x;
    end C;
    parameter Integer n=3;
    C c[n](each k=1);
    output Real y;
  equation
    c[1].u = 1;
    for i in 2:n loop
      c[i].u = c[i - 1].y;
    end for;
    y = c[n].y;
  end Test;
end ComponentsInLoop;
