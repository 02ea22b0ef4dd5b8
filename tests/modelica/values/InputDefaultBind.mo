// y = 3, 4
package InputDefaultBind
  model A
    input Real u=3;
    output Real y=u;
  end A;
  model Test
    A a;
    A b(u=4);
    output Real y[2]={a.y,b.y};
  end Test;
end InputDefaultBind;
