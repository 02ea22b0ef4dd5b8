package ImportUnqualified
  package Q
    package K function f input Real x;
    output Real y;
  algorithm
    y:=2*x;
  end f;
end K;
end Q;
model Test
import ImportUnqualified.Q.K.*;
Real x(start=1,fixed=true);
output Real y;
equation
der(x)=-f(x);
y=x;
end Test;
end ImportUnqualified;
