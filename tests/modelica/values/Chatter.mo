// y = 1
package Chatter
  model Test
    Boolean on(start=true,fixed=true);
    Real T(start=20,fixed=true);
    output Real y=if on then 1 else 0;
  equation
    der(T)=if on then 10 else -10;
    on=if pre(on) then T<23 else T<21;
  end Test;
end Chatter;
