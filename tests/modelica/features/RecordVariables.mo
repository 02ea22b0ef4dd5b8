package RecordVariables
  record R
    Real a=1;
    Real b=2;
  end R;

  model Test "records as parameter and as array of variables"
    parameter R r(a=3);
    R q[2](each a=2);
    Real x(start=r.a, fixed=true);
    output Real y;
  equation
    der(x) = -r.b*x + q[1].a - q[2].a;
    y = x;
  end Test;
end RecordVariables;
