// y = 3
package Encaps
  package P
    constant Real c=3;
    encapsulated model M
      import ImpX=Encaps.P;
      parameter Real a=ImpX.c;
      output Real y=a;
    end M;
  end P;
  model Test
    P.M m;
    output Real y=m.y;
  end Test;
end Encaps;
