// y = 1, 2
package BoolOps
  model Test
    Boolean b[3]={time>0.5,time>2,true};
    output Real y[2]={if b[1] and not b[2] then 1 else 0,sum(if b[i] then 1 else 0 for i in 1:3)};
  end Test;
end BoolOps;
