// y = 1
package FunArg
  function f
    input Real u;
    output Real y;
  algorithm
    y:=u;
    u2:=1;
  end f;
  model Test
    output Real y=1;
  end Test;
end FunArg;
