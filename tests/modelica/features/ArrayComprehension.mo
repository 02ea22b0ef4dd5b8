package ArrayComprehension
  model Test
    parameter Integer n=2;
    parameter Real k[n]={i*1.0 for i in 1:n};
    Real x[n](each start=1,each fixed=true);
    output Real y;
  equation
    for i in 1:n loop der(x[i])=-k[i]*x[i];
    end for;
    y=sum(x[i] for i in 1:n);
  end Test;
end ArrayComprehension;
