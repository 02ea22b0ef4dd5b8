package ConditionalConnector
  connector RI=input Real;
  connector RO=output Real;
  block C
    parameter Boolean useT=false;
    RI T if useT;
    RO y;
  protected
    RI Ti;
  equation
    connect(T,Ti);
    if not useT then Ti=3;
    end if;
    y=Ti;
  end C;
  model Test
    C c;
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-c.y*x;
    y=x;
  end Test;
end ConditionalConnector;
