package RootOfUnusedBranch
  function f
    input Real x;
    output Real y;
  algorithm
    if x > 0 then
      y := sqrt(x);
    else
      y := 0;
    end if;
  end f;

  model Test "the derivative of sqrt is infinite where its branch is not used"
    Real h(start=1, fixed=true);
    output Real y;
  equation
    der(h) = -4*f(h);
    y = h;
  end Test;
end RootOfUnusedBranch;
