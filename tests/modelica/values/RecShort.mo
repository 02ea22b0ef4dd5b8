// y = 45
package RecShort
  record R
    Real a=1;
    Real b=2;
  end R;
  record Q=R(a=5);
  model Test
    parameter Q r(b=4);
    output Real y=r.a+10*r.b;
  end Test;
end RecShort;
