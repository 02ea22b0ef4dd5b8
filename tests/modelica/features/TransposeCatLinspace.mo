package TransposeCatLinspace
  model Test
    parameter Real z[3]=linspace(0,2,3);
    Real x[3](each start=1,each fixed=true);
    Real w[4];
    output Real y;
  equation
    der(x)=-z.*x;
    w=cat(1,x,{1});
    y=w[3];
  end Test;
end TransposeCatLinspace;
