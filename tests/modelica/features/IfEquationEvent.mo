package IfEquationEvent
  model Test
    Real x(start=0,fixed=true);
    output Real y;
  equation
    if time<0.5 then der(x)=1;
    else der(x)=3;
    end if;
    y=x;
  end Test;
end IfEquationEvent;
