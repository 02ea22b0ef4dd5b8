// y = 1, 20, 30, 40, 9
package ForIfIdx
  model Test
    parameter Integer n=5;
    Real x[n];
    output Real y[n]=x;
  equation
    for i in 1:n loop if i==1 then x[i]=1;
    elseif i==n then x[i]=9;
    else x[i]=i*10;
  end if;
  end for;
  end Test;
end ForIfIdx;
