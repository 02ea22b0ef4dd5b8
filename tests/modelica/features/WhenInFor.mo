package WhenInFor
  model Test
    Real x[2](each start=0,each fixed=true);
    discrete Integer n[2](each start=0,each fixed=true);
    output Real y;
  equation
    for i in 1:2 loop der(x[i])=i;
    when x[i]>0.4 then n[i]=pre(n[i])+1;
    end when;
    end for;
    y=n[1]+n[2];
  end Test;
end WhenInFor;
