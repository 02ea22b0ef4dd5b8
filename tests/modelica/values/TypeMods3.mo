// y = 7.72546826
package TypeMods3
  type T=Real(start=3);
  model Test
    T x[2](each fixed=true, start={1,2});
    output Real y=x[1]+10*x[2];
  equation
    der(x)=-x;
  end Test;
end TypeMods3;
