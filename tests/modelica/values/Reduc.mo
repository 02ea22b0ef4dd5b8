// y = 7, 8, 17, 4, 0, 2, 24
package Reduc
  model Test
    parameter Real a[3]={1,2,4};
    output Real y[7]={sum(a),product(a),sum(a[i]*i for i in 1:3),max(a),min(a[i]-i for i in 1:3),max(a[i] for i in 1:2),product(i for i in 1:4)};
  end Test;
end Reduc;
