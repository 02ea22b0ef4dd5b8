// y = 0.25, 0.25, 0, 0
package ModTime
  model Test
    Real x=3*time-2.25;
    output Real y[4]={mod(x,0.5),rem(x,0.5),floor(x),ceil(-x)};
  end Test;
end ModTime;
