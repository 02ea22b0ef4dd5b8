// y = 2.20727665
package TypeArr
  type V=Real[2](each start=3);
  model Test
    V x(each fixed=true);
    output Real y=x[1]+x[2];
  equation
    der(x)=-x;
  end Test;
end TypeArr;
