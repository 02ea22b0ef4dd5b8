package ReinitStateEvent
  model Test
    Real x(start=0,fixed=true);
    output Real y;
  equation
    der(x)=1;
    when x>=0.75 then reinit(x,x-0.5);
    end when;
    y=x;
  end Test;
end ReinitStateEvent;
