// y = 0, 10
package ConnUncon
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
    R r1(r=1);
    S s(p=10);
    output Real y[2]={r1.a.q,r1.b.p};
  equation
    connect(s.c,r1.a);
  end Test;
end ConnUncon;
