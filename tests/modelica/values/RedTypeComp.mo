// y = 1.10363832
package RedTypeComp
  model B
    replaceable Real x(start=2,fixed=true);
  equation
    der(x)=-x;
  end B;
  model Test
    B b(redeclare Real x(start=3,fixed=true));
    output Real y=b.x;
  end Test;
end RedTypeComp;
