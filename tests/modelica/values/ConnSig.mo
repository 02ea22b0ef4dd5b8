// y = 30
package ConnSig
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
    input Real u(start=5);
    output Real y=b.y;
  equation
    connect(a.y,b.u);
    a.u=u;
  end Test;
end ConnSig;
