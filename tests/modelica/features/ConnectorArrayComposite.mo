package ConnectorArrayComposite
  connector Feed
    input Real F;
    input Real c[2];
  end Feed;
  connector FeedOut
    output Real F;
    output Real c[2];
  end FeedOut;
  model A
    FeedOut o;
  equation
    o.F=1;
    o.c={1,2};
  end A;
  model B
    Feed i;
    Real x(start=1,fixed=true);
  equation
    der(x)=-i.F*i.c[2]*x;
  end B;
  model Test
    A a;
    B b;
    output Real y;
  equation
    connect(a.o,b.i);
    y=b.x;
  end Test;
end ConnectorArrayComposite;
