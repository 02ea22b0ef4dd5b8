// y = 4
package RedRecNoMod
  record R
    parameter Real a=1;
  end R;
  record S
    extends R(a=4);
  end S;
  model B
    replaceable record Q=R;
    parameter Q r;
    output Real y=r.a;
  end B;
  model Test
    B m(redeclare record Q=S);
    output Real y=m.y;
  end Test;
end RedRecNoMod;
