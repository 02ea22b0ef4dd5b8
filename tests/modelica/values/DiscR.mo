// y = 3.5
package DiscR
  model Test
    discrete Real d(start=2,fixed=true);
    Real x(start=1,fixed=true);
    output Real y=d;
  equation
    der(x)=1;
    when x>1.5 then d=x+pre(d);
  end when;
  end Test;
end DiscR;
