// y = 1, 5, 1, 5
package RwPkg
  package P
    constant Real c=1;
    function f
      input Real u;
      output Real y;
    algorithm
      y:=c*u;
    end f;
  end P;
  package P0
    extends P;
  end P0;
  package Q
    extends P(c=5);
  end Q;
  model Test
    output Real y[4]={P0.c,Q.c,P0.f(1),Q.f(1)};
  end Test;
end RwPkg;
