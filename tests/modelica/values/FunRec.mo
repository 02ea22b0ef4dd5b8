// y = 33
package FunRec
  record R
    Real a;
    Real b;
  end R;
  function f
    input Real u;
    output R r;
  algorithm
    r.a:=u;
    r.b:=2*u;
  end f;
  function g
    input R r;
    output Real y;
  algorithm
    y:=r.a+10*r.b;
  end g;
  model Test
    R r=f(time);
    output Real y=g(r)+g(R(b=1,a=2));
  end Test;
end FunRec;
