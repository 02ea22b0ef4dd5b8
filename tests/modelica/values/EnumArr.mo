// y = 3, 1, 2
package EnumArr
  type E=enumeration(a,b,c);
  model A
    parameter E e=E.a;
    output Real y=if e==E.a then 1 elseif e==E.b then 2 else 3;
  end A;
  model Test
    A q[3](e={E.c,E.a,E.b});
    output Real y[3]=q.y;
  end Test;
end EnumArr;
