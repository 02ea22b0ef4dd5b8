// y = 0.553001793
package ArrColonSize
  model A
    parameter Real k[:]={1,2};
    parameter Integer n=size(k,1);
    Real x[n](each start=1,each fixed=true);
    output Real y=sum(x);
  equation
    for i in 1:n loop der(x[i])=-k[i]*x[i];
  end for;
  end A;
  model Test
  A a(k={1,2,3});
  output Real y=a.y;
  end Test;
end ArrColonSize;
