// y = 0.0497870684
package RedFunEl
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
    replaceable function f=R1;
    Real x(start=1,fixed=true);
  equation
    der(x)=-f(x);
  end B;
  model Test
    extends B;
    redeclare function f=R2(k=3);
    output Real y=x;
  end Test;
end RedFunEl;
