package EnumArrayIndex
  type E=enumeration(A,B);
  model Test
    parameter Real k[E]={1,2};
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-k[E.B]*x;
    y=x;
  end Test;
end EnumArrayIndex;
