// y = 1.10363832
package ProtExt
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model Test
  protected
  extends A(a=3,b=1);
  public
  output Real y=x;
  end Test;
end ProtExt;
