// y = 2, 3, 9, 9
package BuiltinVec
  model Test
    parameter Real v[2]={4,9};
    Real w[2]=sqrt(v)*time;
    Real m[2]=abs(-v);
    output Real y[4]={w[1],w[2],m[2],max(v)};
  end Test;
end BuiltinVec;
