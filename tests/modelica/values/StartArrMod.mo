// y = 1.83939721, 2.20727665
package StartArrMod
  model B
    Real x[2](start={1,2},each fixed=true);
  equation
    der(x)=-x;
  end B;
  model Test
    B b(x(start={5,6}));
    output Real y[2]=b.x;
  end Test;
end StartArrMod;
