// y = 20.4
package ReinitElse
  model Test
    Real x(start=0,fixed=true);
    output Real y=x;
  equation
    der(x)=1;
    when time>=0.3 then reinit(x,10);
    elsewhen time>=0.6 then reinit(x,20);
  end when;
  end Test;
end ReinitElse;
