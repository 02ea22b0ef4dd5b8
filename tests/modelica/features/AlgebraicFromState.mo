package AlgebraicFromState
  model Test
    Real m(start=2,fixed=true);
    Real c;
    output Real y;
    parameter Real V=2;
  equation
    m=V*c;
    der(m)=-m;
    y=c;
  end Test;
end AlgebraicFromState;
