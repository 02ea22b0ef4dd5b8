// y = 1, 10
package WhenPre
  model Test
    discrete Real a(start=0,fixed=true);
    discrete Real b(start=0,fixed=true);
    output Real y[2]={a,b};
  equation
    when time>=0.5 then a=1;
    b=pre(a)+10;
  end when;
  end Test;
end WhenPre;
