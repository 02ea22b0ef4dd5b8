// y = 1.83939721, 2.20727665
package StartNestedArr
  model B
    Real x(start=2,fixed=true);
  equation
    der(x)=-x;
  end B;
  model Test
    B b[2](x(start={5,6}));
    output Real y[2]=b.x;
  end Test;
end StartNestedArr;
