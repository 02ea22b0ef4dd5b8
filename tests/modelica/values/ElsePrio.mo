// y = 1
package ElsePrio
  model Test
    discrete Real d(start=0,fixed=true);
    output Real y=d;
  equation
    when time>=0.5 then d=1;
    elsewhen time>=0.5 then d=2;
    elsewhen time>=0.2 then d=3;
  end when;
  end Test;
end ElsePrio;
