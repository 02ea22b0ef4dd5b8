package NamedArguments
  function f
    input Real x;
    input Real k=2;
    output Real y;
  protected
    Real t;
  algorithm
    t := x;
    for i in 1:3 loop
      t := t + k/i;
    end for;
    y := t;
  end f;

  model Test "arguments by name and by default"
    Real x(start=0, fixed=true);
    output Real y;
  equation
    der(x) = 1;
    y = f(x, 1) + f(k=3, x=0) + f(0);
  end Test;
end NamedArguments;
