package DiscreteEqBool
  model Test
    Real x(start=0,fixed=true);
    Boolean b;
    output Real y;
  equation
    b=x>0.5;
    der(x)=if b then 3 else 1;
    y=x;
  end Test;
end DiscreteEqBool;
