// y = 6, 2
package FunVecOut
  function f
    input Real a;
    output Real y[2];
  algorithm
    y:={a,2*a};
  end f;
  model Test
    Real M[3,2]=f({1,2,3}*time);
    output Real y[2]={M[3,2],M[2,1]};
  end Test;
end FunVecOut;
