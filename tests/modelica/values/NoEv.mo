// y = 0.5, 0.5, 0.5
package NoEv
  model Test
    Real x(start=-0.5,fixed=true);
    output Real y[3]={noEvent(if x>0 then x else -x),smooth(0,abs(x)),noEvent(max(x,0.3))};
  equation
    der(x)=1;
  end Test;
end NoEv;
