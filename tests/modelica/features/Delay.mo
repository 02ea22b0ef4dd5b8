package Delay
  model Test
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-delay(x,0.1);
    y=x;
  end Test;
end Delay;
