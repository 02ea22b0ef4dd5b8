// y = 7
package Change
  model Test
    Boolean b=sin(20*time)>0;
    discrete Integer n(start=0,fixed=true);
    output Real y=n;
  equation
    when change(b) then n=pre(n)+1;
  end when;
  end Test;
end Change;
