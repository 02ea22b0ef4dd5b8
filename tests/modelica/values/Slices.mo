// y = 24, 34, 34, 31, 33
package Slices
  model Test
    parameter Real M[3,4]={{10*i+j for j in 1:4} for i in 1:3};
    Real s[2]=M[2:3,4];
    Real r[2,2]=M[{1,3},{2,4}];
    Real e[4]=M[end,:];
    output Real y[5]={s[1],s[2],r[2,2],e[1],M[end,end-1]};
  end Test;
end Slices;
