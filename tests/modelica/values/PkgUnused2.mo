// y = 1
package PkgUnused2
  package P
    constant Real c=1;
    function f
      output Real y;
    algorithm
      y:=c;
    end f;
  end P;
  package Q
    extends P(c=5);
  end Q;
  model Test
    output Real y=P.f();
  end Test;
end PkgUnused2;
