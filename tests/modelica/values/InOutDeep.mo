// y = 0.0497870684, 0.135335283
package InOutDeep
  model O
    parameter Real k=1;
  end O;
  model I
    outer O o;
    Real x(start=1,fixed=true);
  equation
    der(x)=-o.k*x;
  end I;
  model M
    inner O o(k=2);
    I i;
  end M;
  model Test
    inner O o(k=3);
    I i;
    M m;
    output Real y[2]={i.x,m.i.x};
  end Test;
end InOutDeep;
