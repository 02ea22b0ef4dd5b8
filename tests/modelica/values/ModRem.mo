// y = 2, -1, -2, 1, 0.5, -1.5
package ModRem
  model Test
    parameter Real a=-7;
    output Real y[6]={mod(a,3),rem(a,3),mod(7,-3),rem(7,-3),mod(-7.5,2),rem(-7.5,2)};
  end Test;
end ModRem;
