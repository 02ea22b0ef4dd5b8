// y = 4, 0.9
package SampOff
  model Test
    discrete Integer n(start=0,fixed=true);
    discrete Real t(start=0,fixed=true);
    output Real y[2]={n,t};
  equation
    when sample(0.15,0.25) then n=pre(n)+1;
    t=time;
  end when;
  end Test;
end SampOff;
