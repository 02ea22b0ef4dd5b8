// y = 0.0497870684
package InOut
  model O
    parameter Real k=1;
  end O;
  model I
    outer O o;
    Real x(start=1,fixed=true);
  equation
    der(x)=-o.k*x;
  end I;
  model Test
    inner O o(k=3);
    I i;
    output Real y=i.x;
  end Test;
end InOut;
