// y = 1
package PkgUnused
  package P
    constant Real c=1;
  end P;
  package Q
    extends P(c=5);
  end Q;
  model Test
    output Real y=P.c;
  end Test;
end PkgUnused;
