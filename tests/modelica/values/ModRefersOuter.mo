// y = 20
package ModRefersOuter
  model A
    parameter Real c=1;
    output Real y=c;
  end A;
  model B
    parameter Real c=5;
    A a(c=2*c);
  end B;
  model Test
    B b(c=10);
    output Real y=b.a.y;
  end Test;
end ModRefersOuter;
