package StreamConnector
  connector P
    Real p;
    flow Real m;
    stream Real h;
  end P;
  model A
    P p;
    Real x(start=1,fixed=true);
  equation
    p.p=1;
    p.h=2;
    der(x)=-inStream(p.h)*x;
  end A;
  model B
    P p;
  equation
    p.m=-1;
    p.h=3;
  end B;
  model Test
    A a;
    B b;
    output Real y;
  equation
    connect(a.p,b.p);
    y=a.x;
  end Test;
end StreamConnector;
