package ConditionalComponent
  model S
    output Real y;
  equation
    y=2;
  end S;
  model Test
    parameter Boolean use=true;
    S s if use;
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-(if use then 2 else 1)*x;
    y=x;
  end Test;
end ConditionalComponent;
