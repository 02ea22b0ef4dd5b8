// y = 1.10363832
package TypeMods
  type T=Real(start=3,min=0,nominal=2,unit="m");
  model Test
    T x(fixed=true);
    output Real y=x;
  equation
    der(x)=-x;
  end Test;
end TypeMods;
