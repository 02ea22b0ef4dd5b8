// y = 1.83939721
package StartNested
  model B
    Real x(start=2,fixed=true);
  equation
    der(x)=-x;
  end B;
  model Test
    B b(x(start=5));
    output Real y=b.x;
  end Test;
end StartNested;
