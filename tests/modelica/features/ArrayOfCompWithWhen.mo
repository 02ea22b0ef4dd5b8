package ArrayOfCompWithWhen
  model C
    parameter Real k=1;
    Real x(start=0,fixed=true);
    discrete Integer n(start=0,fixed=true);
  equation
    der(x)=k;
    when x>0.4 then n=pre(n)+1;
    reinit(x,0);
    end when;
  end C;
  model Test
    C c[2](k={1,2});
    output Real y;
  equation
    y=c[1].n+c[2].n;
  end Test;
end ArrayOfCompWithWhen;
