// y = 3, 4
package FunMat
  function f
    input Real A[:,:];
    output Real B[size(A,2),size(A,1)];
  algorithm
    for i in 1:size(A,1) loop for j in 1:size(A,2) loop B[j,i]:=A[i,j];
  end for;
  end for;
  end f;
  model Test
  Real B[3,2]=f([1,2,3;4,5,6]);
  output Real y[2]={B[3,1],B[1,2]};
  end Test;
end FunMat;
