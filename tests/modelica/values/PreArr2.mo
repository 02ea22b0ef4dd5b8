// y = 32, 64, 96
package PreArr2
  model Test
    discrete Real v[3](start={1,2,3},each fixed=true);
    output Real y[3]=v;
  equation
    when sample(0.1,0.2) then v=2*pre(v);
  end when;
  end Test;
end PreArr2;
