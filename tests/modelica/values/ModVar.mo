// y = 1.5, -1.5, -2, -8
package ModVar
  model Test
    Real x(start=-7.5,fixed=true);
    output Real y[4]={mod(x,3),rem(x,3),div(x,3),floor(x)};
  equation
    der(x)=0;
  end Test;
end ModVar;
