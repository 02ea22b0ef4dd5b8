// y = 1, 1
package BoolEq
  model Test
    Boolean b;
    Boolean c;
    Real x(start=0,fixed=true);
    output Real y[2]={if b then 1 else 0,if c then 1 else 0};
  equation
    der(x)=1;
    b=x>0.5 and not x>2;
    c=b<>(x<0.2);
  end Test;
end BoolEq;
