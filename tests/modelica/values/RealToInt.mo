// y = 2.5
package RealToInt
  model Test
    Integer n;
    output Real y=n+0.5;
  equation
    n=if time>0.3 then 2 else 1;
  end Test;
end RealToInt;
