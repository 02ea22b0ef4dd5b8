// y = 30
package ConnSigTop
  connector I=input Real;
  connector O=output Real;
  block G
    I u;
    O y;
    parameter Real k=1;
  equation
    y=k*u;
  end G;
  model Test
    G a(k=2);
    G b(k=3);
    I u(start=5);
    O y;
  equation
    connect(a.y,b.u);
    connect(u,a.u);
    connect(b.y,y);
  end Test;
end ConnSigTop;
