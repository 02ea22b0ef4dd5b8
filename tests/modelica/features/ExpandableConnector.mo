package ExpandableConnector
  expandable connector Bus
  end Bus;
  connector RI=input Real;
  connector RO=output Real;
  model S
    RO y;
  equation
    y=2;
  end S;
  model R
    RI u;
    Real x(start=1,fixed=true);
  equation
    der(x)=-u*x;
  end R;
  model Test
    Bus b;
    S s;
    R r;
    output Real y;
  equation
    connect(s.y,b.sig);
    connect(b.sig,r.u);
    y=r.x;
  end Test;
end ExpandableConnector;
