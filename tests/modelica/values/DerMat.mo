// y = 0.367879441, 0.735758882, 0.40600585, 0.541341133
package DerMat
  model Test
    Real X[2,2](start=[1,2;3,4],each fixed=true);
    parameter Real k[2]={1,2};
    output Real y[4]={X[1,1],X[1,2],X[2,1],X[2,2]};
  equation
    for i in 1:2 loop der(X[i,:])=-k[i]*X[i,:];
  end for;
  end Test;
end DerMat;
