// y = 51
package RecCons
  record R
    Real a=1;
    Real b=2;
  end R;
  model B
    parameter R r;
    output Real y=r.a+10*r.b;
  end B;
  model Test
    B m(r=R(b=5));
    output Real y=m.y;
  end Test;
end RecCons;
