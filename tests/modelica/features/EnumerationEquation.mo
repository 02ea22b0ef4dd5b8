package EnumerationEquation
  model Test "an enumeration and an Integer that equations compute, a vector indexed by a variable"
    type Mode = enumeration(Off, On, Max);
    input Integer choice(start=2);
    input Boolean on(start=true);
    parameter Real k[3]={1, 2, 3};
    Real x(start=0, fixed=true);
    Mode mode;
    discrete Real last(start=0, fixed=true);
    output Real y;
  equation
    mode = if not on then Mode.Off elseif x > 0.5 then Mode.Max else Mode.On;
    der(x) = k[choice]*(if mode == Mode.Max then 0.5 else 1);
    when {x > 0.3, x > 0.7} then
      last = x;
    end when;
    y = x + last;
  end Test;
end EnumerationEquation;
