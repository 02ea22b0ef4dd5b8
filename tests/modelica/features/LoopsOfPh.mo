package LoopsOfPh
  model Test "the same nonlinear equations in each cell"
    parameter Integer n=4;
    Real a[n](each start=0.05, each fixed=true);
    Real H[n](each start=1e-5, each min=1e-14, each nominal=1e-5);
    Real OH[n];
    output Real y;
  equation
    for i in 1:n loop
      der(a[i]) = -0.1*i*a[i];
      OH[i]*H[i] = 1e-14;
      0.01 + H[i] = OH[i] + a[i]*1.8e-5/(1.8e-5 + H[i]);
    end for;
    y = -log10(H[2]);
  end Test;
end LoopsOfPh;
