// y = 0.4, 4
package NestedIfEv
  model Test
    Real x(start=0,fixed=true);
    output Real y[2]={x,w};
    Real w;
  equation
    der(x)=if x<0.2 then 1 else if x<0.4 then 2 else 0;
    w = if time<0.5 and x>0.3 or time>2 then 1 else 4;
  end Test;
end NestedIfEv;
