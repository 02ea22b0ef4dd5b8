// y = 14
package PkgFun
  package P
    constant Real c=1;
    function f
      input Real u;
      output Real y;
    algorithm
      y:=c*u;
    end f;
  end P;
  package Q=P(c=7);
  model Test
    output Real y=Q.f(2);
  end Test;
end PkgFun;
