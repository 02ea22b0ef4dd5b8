// y = 1, 4
package ConnArr
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
    parameter Integer n=4;
    R r[n](r={1,2,3,4});
    S s(p=10);
    S g(p=0);
    output Real y[2]={r[1].a.q,r[3].b.p};
  equation
    connect(s.c,r[1].a);
    for i in 1:n-1 loop connect(r[i].b,r[i+1].a);
  end for;
  connect(r[n].b,g.c);
  end Test;
end ConnArr;
