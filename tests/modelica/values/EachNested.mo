// y = 2.20727665
package EachNested
  model A
    parameter Real a=1;
    parameter Real b=2;
    Real x(start=a, fixed=true);
  equation
    der(x)=-b*x;
  end A;
  model B
    A m;
  end B;
  model Test
    B q[2](each m(a=3,b=1));
    output Real y=q[1].m.x+q[2].m.x;
  end Test;
end EachNested;
