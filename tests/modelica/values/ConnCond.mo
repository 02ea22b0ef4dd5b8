// y = 2.5, 7.5
package ConnCond
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
    parameter Boolean by=false;
    R r1(r=1);
    R r2(r=3);
    R r3(r=3) if by;
    S s(p=10);
    S g(p=0);
    output Real y[2]={r1.a.q,r1.b.p};
  equation
    connect(s.c,r1.a);
    connect(r1.b,r2.a);
    connect(r1.b,r3.a);
    connect(r2.b,g.c);
    connect(r3.b,g.c);
  end Test;
end ConnCond;
