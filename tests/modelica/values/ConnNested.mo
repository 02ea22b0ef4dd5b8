// y = 3, -3
package ConnNested
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
  model RR
    C a;
    C b;
    R x(r=1);
    R z(r=2);
  equation
    connect(a,x.a);
    connect(x.b,z.a);
    connect(z.b,b);
  end RR;
  model S
    C c;
    parameter Real p=1;
  equation
    c.p=p;
  end S;
  model Test
    RR r1;
    S s(p=9);
    S g(p=0);
    output Real y[2]={r1.a.q,r1.b.q};
  equation
    connect(s.c,r1.a);
    connect(r1.b,g.c);
  end Test;
end ConnNested;
