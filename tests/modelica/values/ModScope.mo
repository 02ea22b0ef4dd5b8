// y = 6
package ModScope
  model A
    parameter Real c=1;
    parameter Real d=c;
    output Real y=d;
  end A;
  model Test
    parameter Real c=5;
    A a(d=c+1);
    output Real y=a.y;
  end Test;
end ModScope;
