// y = -1.5, 1.5, -2, -7, -8
package ModVar2
  model Test
    Real x(start=7.5,fixed=true);
    output Real y[5]={mod(x,-3),rem(x,-3),div(x,-3),ceil(-x),integer(-x)};
  equation
    der(x)=0;
  end Test;
end ModVar2;
