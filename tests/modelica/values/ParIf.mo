// y = 5
package ParIf
  model Test
    parameter Boolean f=false;
    parameter Real k=if f then 1 elseif 2>1 then 5 else 3;
    output Real y=k;
  end Test;
end ParIf;
