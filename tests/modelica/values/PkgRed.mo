// y = 510
package PkgRed
  package P
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
  model B
    replaceable package M=P;
    output Real y=M.f(2)+100*M.c;
  end B;
  model Test
    B b(redeclare package M=Q);
    output Real y=b.y;
  end Test;
end PkgRed;
