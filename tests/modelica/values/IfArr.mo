// y = 3, 4
package IfArr
  model Test
    Real x[2]=if time<0.5 then {1,2} else {3,4};
    output Real y[2]=x;
  end Test;
end IfArr;
