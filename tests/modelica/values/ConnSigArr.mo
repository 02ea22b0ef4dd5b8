// y = 2, 6
package ConnSigArr
  connector I=input Real;
  connector O=output Real;
  block G
    I u[2];
    O y[2];
    parameter Real k[2]={1,2};
  equation
    for i in 1:2 loop y[i]=k[i]*u[i];
  end for;
  end G;
  model Test
  G a(k={2,3});
  G b;
  output Real y[2]=b.y;
  equation
  a.u={1,time};
  connect(a.y,b.u);
  end Test;
end ConnSigArr;
