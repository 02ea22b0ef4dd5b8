// y = 1.10363832, 2.20727665, 1.47151776
package StartPar
  model Test
    parameter Real a=3;
    parameter Real s[2]={a,2*a};
    Real x[2](start=s,each fixed=true);
    Real z(start=s[1]+1,fixed=true);
    output Real y[3]={x[1],x[2],z};
  equation
    der(x)=-x;
    der(z)=-z;
  end Test;
end StartPar;
