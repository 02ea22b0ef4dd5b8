package MaxMinAbsSign
  model Test
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-max(x,0)*min(2,abs(-2))*sign(1);
    y=x;
  end Test;
end MaxMinAbsSign;
