// y = 0.367879441, 0.735758882, 0.919698603, 0.981011843
package ForIfDer
  model Test
    parameter Integer n=4;
    Real x[n](each start=1,each fixed=true);
    output Real y[n]=x;
  equation
    for i in 1:n loop if i==1 then der(x[i])=-x[i];
    else der(x[i])=x[i-1]-x[i];
  end if;
  end for;
  end Test;
end ForIfDer;
