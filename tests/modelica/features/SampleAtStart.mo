package SampleAtStart
  model Test "a sample instant on which the run starts counts; the state is changed at others"
    discrete Integer n(start=0, fixed=true);
    Real x(start=0, fixed=true);
    output Real y;
  equation
    der(x) = 1;
    when sample(0, 0.4) then
      n = pre(n) + 1;
    end when;
    when sample(0.5, 1) then
      reinit(x, x + 10);
    end when;
    y = n + x;
  end Test;
end SampleAtStart;
