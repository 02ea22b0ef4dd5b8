package StartNotFixed
  model Test
    Real x(start=2);
    output Real y;
  equation
    der(x)=-x;
    y=x;
  end Test;
end StartNotFixed;
