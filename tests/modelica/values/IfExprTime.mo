// y = 3
package IfExprTime
  model Test
    output Real y=if time<0.3 then 1 elseif time<0.6 then 2 elseif time<2 then 3 else 4;
  end Test;
end IfExprTime;
