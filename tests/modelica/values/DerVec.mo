// y = 0.367879441, 0.270670566, 0.149361205
package DerVec
  model Test
    Real x[3](start={1,2,3},each fixed=true);
    parameter Real M[3,3]=diagonal({1,2,3});
    output Real y[3]=x;
  equation
    der(x)=-M*x;
  end Test;
end DerVec;
