// y = 0.0497870684
package ShortFunArg
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
  function f=R2(k=3);
  model Test
    Real x(start=1,fixed=true);
    output Real y=x;
  equation
    der(x)=-f(x);
  end Test;
end ShortFunArg;
