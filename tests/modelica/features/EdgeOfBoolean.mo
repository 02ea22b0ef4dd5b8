package EdgeOfBoolean
  model Test
    Real x(start=0,fixed=true);
    Boolean b;
    discrete Integer n(start=0,fixed=true);
    output Real y;
  equation
    der(x)=1;
    b=x>0.5;
    when edge(b) then n=pre(n)+1;
    end when;
    y=n;
  end Test;
end EdgeOfBoolean;
