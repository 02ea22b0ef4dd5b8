package RedeclareReplaceable
  partial function R
    input Real s;
    output Real y;
  end R;
  function R1
    extends R;
  algorithm
    y:=s;
  end R1;
  function R2
    extends R;
  algorithm
    y:=2*s;
  end R2;
  model B
    replaceable function rate=R1 constrainedby R;
    Real x(start=1,fixed=true);
  equation
    der(x)=-rate(x);
  end B;
  model Test
    B b(redeclare function rate=R2);
    output Real y;
  equation
    y=b.x;
  end Test;
end RedeclareReplaceable;
