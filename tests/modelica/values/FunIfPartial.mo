// y = 22, 20
package FunIfPartial
  function f
    input Real a;
    output Real y;
  algorithm
    y:=10;
    if a<1 then y:=y+1;
  end if;
  if a>0 then y:=y*2;
  end if;
  end f;
  model Test
  output Real y[2]={f(0.5*time),f(1.5)};
  end Test;
end FunIfPartial;
