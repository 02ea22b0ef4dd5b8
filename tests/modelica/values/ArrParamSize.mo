// y = 6
package ArrParamSize
  model A
    parameter Integer n=2;
    parameter Real k[n]={1,2};
    output Real y=sum(k);
  end A;
  model Test
    A a(n=3,k={1,2,3});
    output Real y=a.y;
  end Test;
end ArrParamSize;
