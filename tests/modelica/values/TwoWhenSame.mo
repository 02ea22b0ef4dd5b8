// y = 1, 11
package TwoWhenSame
  model Test
    discrete Real a(start=0,fixed=true);
    discrete Real b(start=0,fixed=true);
    output Real y[2]={a,b};
  equation
    when time>=0.5 then a=1;
  end when;
  when time>=0.5 then b=a+10;
  end when;
  end Test;
end TwoWhenSame;
