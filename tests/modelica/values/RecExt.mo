// y = 945
package RecExt
  record R
    Real a=1;
    Real b=2;
  end R;
  record Q
    extends R(a=5);
    Real c=a+b;
  end Q;
  model Test
    parameter Q r(b=4);
    output Real y=r.a+10*r.b+100*r.c;
  end Test;
end RecExt;
