package ExternalFunction
  function f
    input Real x;
    output Real y;
    external "C" y=sin(x);
  end f;
  model Test
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-f(x);
    y=x;
  end Test;
end ExternalFunction;
