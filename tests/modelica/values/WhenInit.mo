// y = 1.5
package WhenInit
  model Test
    discrete Real d(start=5);
    output Real y=d;
  equation
    when {initial(),time>0.5} then d=time+1;
  end when;
  end Test;
end WhenInit;
