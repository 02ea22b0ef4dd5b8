// y = 43
package RecBinding
  record R
    Real a=1;
    Real b=2;
  end R;
  model B
    parameter R r;
    output Real y=r.a+10*r.b;
  end B;
  model Test
    parameter R q(a=3,b=4);
    B m(r=q);
    output Real y=m.y;
  end Test;
end RecBinding;
