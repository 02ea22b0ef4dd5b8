// y = 147
package PkgShort
  package P
    constant Real c=1;
    constant Real d=2*c;
  end P;
  package Q=P(c=7);
  model Test
    output Real y=Q.c+10*Q.d;
  end Test;
end PkgShort;
