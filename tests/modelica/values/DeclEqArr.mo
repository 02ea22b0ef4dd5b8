// y = 2, 4
package DeclEqArr
  model A
    input Real u;
    output Real y=2*u;
  end A;
  model Test
    A a[2](u={1,time+1});
    output Real y[2]=a.y;
  end Test;
end DeclEqArr;
