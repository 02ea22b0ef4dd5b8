// y = 4, 9
package FunVec6
  function f
    input Real a;
    output Real y;
  algorithm
    y:=a^2;
  end f;
  model Test
    Real M[2,2]=f([1,2;3,4]*time);
    output Real y[2]={M[1,2],M[2,1]};
  end Test;
end FunVec6;
