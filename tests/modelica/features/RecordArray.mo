package RecordArray
  record P
    Real k;
    Real a;
  end P;
  model Test
    parameter P p[2]={P(k=1,a=1),P(k=2,a=1)};
    Real x[2](each start=1,each fixed=true);
    output Real y;
  equation
    for i in 1:2 loop der(x[i])=-p[i].k*x[i];
    end for;
    y=x[1]+x[2];
  end Test;
end RecordArray;
