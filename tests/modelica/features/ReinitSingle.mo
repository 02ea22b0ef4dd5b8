package ReinitSingle
  model Test
    Real x(start=1,fixed=true);
    discrete Integer n(start=0,fixed=true);
    output Real y;
  equation
    der(x)=0;
    when time>=0.5 then reinit(x,x+1);
    n=pre(n)+1;
    end when;
    y=x;
  end Test;
end ReinitSingle;
