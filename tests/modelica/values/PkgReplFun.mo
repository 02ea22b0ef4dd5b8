// y = 6
package PkgReplFun
  partial package PP
    replaceable partial function f input Real u;
    output Real y;
  end f;
  end PP;
  package P
  extends PP;
  redeclare function extends
    f
  algorithm
    y:=3*u;
  end f;
  end P;
  model B
  replaceable package M=PP;
  output Real y=M.f(2);
  end B;
  model Test
  B b(redeclare package M=P);
  output Real y=b.y;
  end Test;
end PkgReplFun;
