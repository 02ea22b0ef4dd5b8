// y = 4
package RedRecEl
  record R
    parameter Real a=1;
  end R;
  model B
    replaceable record Q=R;
    parameter Q r;
    output Real y=r.a;
  end B;
  model Test
    extends B;
    redeclare record Q=R(a=4);
  end Test;
end RedRecEl;
