// y = 17, 39, 23, 34, 23, 34, 319, 10
package MatOps
  model Test
    parameter Real M[2,2]=[1,2;3,4];
    parameter Real v[2]={5,6};
    output Real y[8]=cat(1,M*v,v*M,transpose(M)*v,{v*M*v,(M*M)[1,2]});
  end Test;
end MatOps;
