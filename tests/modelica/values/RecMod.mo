// y = 23
package RecMod
  record R
    Real a=1;
    Real b=2;
  end R;
  model Test
    parameter R r(a=3);
    output Real y=r.a+10*r.b;
  end Test;
end RecMod;
