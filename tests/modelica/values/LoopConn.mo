// y = 20
package LoopConn
  connector C
    Real p;
    flow Real q;
  end C;
  model R
    C a;
    C b;
    parameter Real r=1;
  equation
    a.q+b.q=0;
    a.p-b.p=r*a.q;
  end R;
  model S
    C c;
    parameter Real p=1;
  equation
    c.p=p;
  end S;
  model Test
    parameter Integer n=2;
    parameter Integer m=2;
    R r[n,m](each r=2);
    S s(p=8);
    S g(p=0);
    output Real y=r[2,2].b.p+10*r[1,1].a.q;
  equation
    for i in 1:n loop for j in 1:m-1 loop connect(r[i,j].b,r[i,j+1].a);
  end for;
  connect(s.c,r[i,1].a);
  connect(r[i,m].b,g.c);
  end for;
  end Test;
end LoopConn;
