package ReplaceableModel
  partial model K
    input Real s;
    output Real mu;
  end K;
  model K1
    extends K;
  equation
    mu=s;
  end K1;
  model K2
    extends K;
  equation
    mu=2*s;
  end K2;
  model B
    replaceable K1 k constrainedby K;
    Real x(start=1,fixed=true);
  equation
    k.s=x;
    der(x)=-k.mu;
  end B;
  model Test
    B b(redeclare K2 k);
    output Real y;
  equation
    y=b.x;
  end Test;
end ReplaceableModel;
