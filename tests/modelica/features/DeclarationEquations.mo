package DeclarationEquations
  model Test "declaration equations, parameters that depend on others"
    parameter Real a=2;
    parameter Real b[3]={a*i for i in 1:3};
    parameter Real k[2, 3]=fill(a, 2, 3);
    Real x(start=1, fixed=true);
    Real w=2*x;
    output Real y=x + sum(b) + sum(k);
  protected
    Real h=3*w;
  equation
    der(x) = -w*h;
  end Test;
end DeclarationEquations;
