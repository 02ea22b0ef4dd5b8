// y = 5, 7
package PkgThree
  package P
    constant Real c=1;
  end P;
  package Q
    extends P(c=5);
  end Q;
  package R
    extends P(c=7);
  end R;
  model Test
    output Real y[2]={Q.c,R.c};
  end Test;
end PkgThree;
