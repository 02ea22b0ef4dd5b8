// y = 2
package WhenVec
  model Test
    discrete Integer n(start=0,fixed=true);
    output Real y=n;
  equation
    when {time>0.2,time>0.5,time>0.5} then n=pre(n)+1;
  end when;
  end Test;
end WhenVec;
