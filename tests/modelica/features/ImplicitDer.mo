package ImplicitDer
  model Test
    Real x(start=1,fixed=true);
    output Real y;
  equation
    2*der(x)+x=0;
    y=x;
  end Test;
end ImplicitDer;
