// y = 16, 321, 2.25, 3
package Rng
  model Test
    Real a[:]=1:2:7;
    Real b[:]=3:-1:1;
    Real c[:]=0.5:0.25:1;
    output Real y[4]={sum(a),b[1]*100+b[2]*10+b[3],sum(c),size(c,1)};
  end Test;
end Rng;
