// y = 341
package WhenIfIn
  model Test
    discrete Real d(start=0,fixed=true);
    output Real y=d;
  equation
    when sample(0.1,0.1) then d=if time<0.35 then 1 elseif time<0.75 then pre(d)+10 else pre(d)+100;
  end when;
  end Test;
end WhenIfIn;
