// y = 0.735758882, 0.735758882
package Imp
  model Test
    Real x(start=2,fixed=true);
    Real w(start=1);
    output Real y[2]={w,x};
  equation
    der(x)=-w;
    w^3+w=x^3+x;
  end Test;
end Imp;
