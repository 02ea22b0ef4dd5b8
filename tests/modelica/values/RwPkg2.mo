// y = 1, 5, 2, 10
package RwPkg2
  package P
    constant Real c=1;
    constant Real d=2*c;
  end P;
  package P0
    extends P;
  end P0;
  package Q
    extends P(c=5);
  end Q;
  model Test
    output Real y[4]={P0.c,Q.c,P0.d,Q.d};
  end Test;
end RwPkg2;
