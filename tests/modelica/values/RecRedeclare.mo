// y = 9
package RecRedeclare
  record R
    parameter Real a=1;
  end R;
  record Q
    extends R(a=9);
  end Q;
  model B
    replaceable parameter R r;
    output Real y=r.a;
  end B;
  model Test
    B m(redeclare parameter Q r);
    output Real y=m.y;
  end Test;
end RecRedeclare;
