// y = 1, 22
package Hyst
  model Test
    discrete Boolean on(start=true,fixed=true);
    Real T(start=20,fixed=true);
    output Real y[2]={if on then 1 else 0,T};
  equation
    der(T)=if on then 10 else -10;
    when T>23 then on=false;
    elsewhen T<21 then on=true;
  end when;
  end Test;
end Hyst;
