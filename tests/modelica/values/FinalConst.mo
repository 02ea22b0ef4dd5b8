// y = 2
package FinalConst
  model A
    final constant Real c=1;
    function f
      input Real u;
      output Real y;
    algorithm
      y:=c*u;
    end f;
    output Real y=f(2);
  end A;
  model Test
    A a;
    output Real y=a.y;
  end Test;
end FinalConst;
