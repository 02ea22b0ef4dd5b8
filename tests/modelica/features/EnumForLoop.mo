package EnumForLoop
  type E=enumeration(A,B);
  model Test
    parameter E p=E.B;
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-(if p==E.B then 2 else 1)*x;
    y=x;
  end Test;
end EnumForLoop;
