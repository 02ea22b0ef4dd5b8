package DerOfExpr
  model Test
    Real V(start=1,fixed=true);
    Real c(start=2,fixed=true);
    Real m;
    output Real y;
  equation
    m=V*c;
    der(V)=1;
    der(V*c)=0;
    y=c;
  end Test;
end DerOfExpr;
