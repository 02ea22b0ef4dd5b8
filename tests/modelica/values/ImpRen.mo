// y = 43
package ImpRen
  package P
    constant Real c=3;
    model A
      parameter Real a=1;
    end A;
  end P;
  model Test
    import Q=ImpRen.P;
    import Z=ImpRen.P.A;
    Z a(a=4);
    output Real y=Q.c+10*a.a;
  end Test;
end ImpRen;
