// y = 57
package RecInMod
  record R
    Real a=1;
    Real b=2;
  end R;
  model B
    parameter R r=R(a=7);
    output Real y=r.a+10*r.b;
  end B;
  model Test
    B m(r(b=5));
    output Real y=m.y;
  end Test;
end RecInMod;
