// y = 0.0497870684
package RedFunDefault
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
    input Real k=2;
  algorithm
    y:=k*s;
  end R2;
  model B
    replaceable function f=R2(k=3) constrainedby R;
    Real x(start=1,fixed=true);
  equation
    der(x)=-f(x);
  end B;
  model Test
    B b;
    output Real y=b.x;
  end Test;
end RedFunDefault;
