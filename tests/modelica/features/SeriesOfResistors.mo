package SeriesOfResistors
  connector P
    Real p;
    flow Real q;
  end P;

  model R
    P a;
    P b;
    parameter Real r=1;
  equation
    a.q + b.q = 0;
    a.p - b.p = r*a.q;
  end R;

  model C
    P a;
    Real v(start=0, fixed=true);
  equation
    der(v) = a.q;
    a.p = v;
  end C;

  model S
    P a;
  equation
    a.p = 1;
  end S;

  model Test "a linear system between components"
    S s;
    R first(r=2);
    R second(r=3);
    C c;
    output Real y;
  equation
    connect(s.a, first.a);
    connect(first.b, second.a);
    connect(second.b, c.a);
    y = c.v;
  end Test;
end SeriesOfResistors;
