// y = 1
package EdgeFall
  model Test
    Boolean b=time<0.5;
    discrete Integer n(start=0,fixed=true);
    output Real y=n;
  equation
    when not b then n=pre(n)+1;
  end when;
  end Test;
end EdgeFall;
