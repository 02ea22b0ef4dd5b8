// y = 3.5, 3, -3, -4
package IntDiv
  model Test
    parameter Integer n=7;
    output Real y[4]={n/2, div(n,2), div(-n,2), integer(-n/2)};
  end Test;
end IntDiv;
