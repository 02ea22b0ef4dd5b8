package SampleEq
  model Test
    discrete Integer n(start=0,fixed=true);
    Real x(start=0,fixed=true);
    output Real y;
  equation
    der(x)=0;
    when sample(0.1,0.2) then n=pre(n)+1;
    end when;
    y=n;
  end Test;
end SampleEq;
