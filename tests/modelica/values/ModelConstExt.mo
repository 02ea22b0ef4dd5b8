// y = 1, 5
package ModelConstExt
  model A
    constant Real c=1;
    output Real y=c;
  end A;
  model B
    extends A(c=5);
  end B;
  model Test
    A a;
    B b;
    output Real y[2]={a.y,b.y};
  end Test;
end ModelConstExt;
