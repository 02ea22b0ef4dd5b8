// y = 2, 10
package ModelLocalFun2
  model A
    parameter Real c=1;
    function f
      input Real u;
      input Real k;
      output Real y;
    algorithm
      y:=k*u;
    end f;
    output Real y=f(2,c);
  end A;
  model B
    extends A(c=5);
  end B;
  model Test
    A a;
    B b;
    output Real y[2]={a.y,b.y};
  end Test;
end ModelLocalFun2;
