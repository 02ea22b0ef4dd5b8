// y = 21, 36, 6, 7, 156
package Reduc2
  model Test
    parameter Real M[2,3]=[1,2,3;4,5,6];
    output Real y[5]={sum(M),sum(M[i,j]*i for i in 1:2, j in 1:3),sum(M[1,:]),sum(M[:,2]),sum({M[i,j] for i in 1:2} *{1,10}for j in 1:3)};
  end Test;
end Reduc2;
