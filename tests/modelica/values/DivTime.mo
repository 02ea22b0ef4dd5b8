// y = 1.25, -0.75, -1, -3, -2
package DivTime
  model Test
    Real x=-3*time+0.25;
    output Real y[5]={mod(x,2),rem(x,2),div(x,2),floor(x),ceil(x)};
  end Test;
end DivTime;
