// y = 7, 10, 15, 22, 1, 9
package MatPow
  model Test
    parameter Real M[2,2]=[1,2;3,4];
    Real N[2,2]=M^2;
    Real K[2,2]=M^0;
    Real L[2,2]=M.^2;
    output Real y[6]={N[1,1],N[1,2],N[2,1],N[2,2],K[1,1]+K[1,2],L[2,1]};
  end Test;
end MatPow;
