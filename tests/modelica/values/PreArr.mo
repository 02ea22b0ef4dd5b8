// y = 2, 1
package PreArr
  model Test
    discrete Real v[2](start={1,2},each fixed=true);
    output Real y[2]=v;
  equation
    when sample(0.1,0.2) then v={pre(v[2]),pre(v[1])};
  end when;
  end Test;
end PreArr;
