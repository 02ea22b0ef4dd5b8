// y = 5, 10
package WhenAlg
  model Test
    discrete Real a(start=1,fixed=true);
    discrete Real b(start=1,fixed=true);
    output Real y[2]={a,b};
  algorithm
    when sample(0.1,0.3) then a:=pre(a)+1;
    b:=2*a;
  end when;
  end Test;
end WhenAlg;
