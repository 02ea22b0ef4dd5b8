// y = 1
package InpTime
  model Test
    input Real u(start=2);
    Real x(start=0,fixed=true);
    output Real y=x;
  equation
    der(x)=u*time;
  end Test;
end InpTime;
