// y = 0.5, 1, 0.5, 0.25
package AbsEv
  model Test
    Real x(start=-0.5,fixed=true);
    Real z(start=0,fixed=true);
    output Real y[4]={abs(x),sign(x),max(x,0.2),z};
  equation
    der(x)=1;
    der(z)=sign(x)+2*max(0,x);
  end Test;
end AbsEv;
