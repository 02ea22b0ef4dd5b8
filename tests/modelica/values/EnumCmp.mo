// y = 11
package EnumCmp
  type E=enumeration(a,b,c);
  model Test
    parameter E e=E.b;
    output Real y=(if e>E.a then 1 else 0)+(if e<E.c then 10 else 0)+(if e<>E.b then 100 else 0);
  end Test;
end EnumCmp;
