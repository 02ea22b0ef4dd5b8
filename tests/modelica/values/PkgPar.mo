// y = 5, 5
package PkgPar
  partial package P
    constant Real c=1;
    function f
      input Real u;
      output Real y;
    algorithm
      y:=c*u;
    end f;
  end P;
  package Q
    extends P(c=5);
  end Q;
  model Test
    output Real y[2]={Q.f(1),Q.c};
  end Test;
end PkgPar;
