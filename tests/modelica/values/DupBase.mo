// y = 1
package DupBase
  model A
    parameter Real a=1;
  end A;
  model B
    extends A;
  end B;
  model C
    extends A;
  end C;
  model Test
    extends B;
    extends C;
    output Real y=a;
  end Test;
end DupBase;
