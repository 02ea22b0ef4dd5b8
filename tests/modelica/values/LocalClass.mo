// y = 9
package LocalClass
  model A
    parameter Real c=1;
    model L
      parameter Real q=3;
      output Real y=q;
    end L;
    L l(q=c);
  end A;
  model Test
    A a(c=9);
    output Real y=a.l.y;
  end Test;
end LocalClass;
