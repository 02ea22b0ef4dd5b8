package InnerOuter
  model Env
    parameter Real T=2;
  end Env;
  model B
    outer Env env;
    Real x(start=1,fixed=true);
  equation
    der(x)=-env.T*x;
  end B;
  model Test
    inner Env env(T=3);
    B b;
    output Real y;
  equation
    y=b.x;
  end Test;
end InnerOuter;
