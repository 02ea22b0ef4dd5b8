package CoupledDerLinear
  model Test
    Real c(start=1,fixed=true);
    Real q(start=0,fixed=true);
    output Real y;
  equation
    der(c)+der(q)=-1;
    der(q)=2*der(c)+3;
    y=q;
  end Test;
end CoupledDerLinear;
