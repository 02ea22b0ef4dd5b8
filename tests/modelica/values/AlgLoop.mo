// y = 1, 2
package AlgLoop
  model Test
    Real a(start=1);
    Real b;
    output Real y[2]={a,b};
  equation
    a+b=3;
    a*b=2;
  end Test;
end AlgLoop;
