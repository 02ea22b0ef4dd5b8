package SizeParamFromParam
  model Test
    parameter Real k[:]={1,2};
    final parameter Integer n=size(k,1);
    Real x[n](each start=1,each fixed=true);
    output Real y;
  equation
    for i in 1:n loop der(x[i])=-k[i]*x[i];
    end for;
    y=x[n];
  end Test;
end SizeParamFromParam;
