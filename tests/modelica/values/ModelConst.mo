// y = 1, 4
package ModelConst
  model A
    constant Real c=1;
    output Real y=c;
  end A;
  model Test
    A a;
    A b(c=4);
    output Real y[2]={a.y,b.y};
  end Test;
end ModelConst;
