// y = 0.0497870684
package InOutPar
  model I
    outer parameter Real k;
    Real x(start=1,fixed=true);
  equation
    der(x)=-k*x;
  end I;
  model Test
    inner parameter Real k=3;
    I i;
    output Real y=i.x;
  end Test;
end InOutPar;
