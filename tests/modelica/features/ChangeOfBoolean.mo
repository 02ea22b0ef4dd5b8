package ChangeOfBoolean
  model Test "change, not, and a Boolean that no when assigns"
    Real x(start=0, fixed=true);
    Boolean b;
    discrete Integer n(start=0, fixed=true);
    discrete Integer k(start=0, fixed=true);
    output Real y;
  equation
    der(x) = 1;
    b = sin(10*x - 1) > 0;
    when change(b) then
      n = pre(n) + 1;
    end when;
    when not b then
      k = pre(k) + 1;
    end when;
    y = n + 10*k;
  end Test;
end ChangeOfBoolean;
