// y = 1.47151776
package TypeMods2
  type T=Real(start=3);
  type U=T(start=4);
  model Test
    U x(fixed=true);
    output Real y=x;
  equation
    der(x)=-x;
  end Test;
end TypeMods2;
