// y = 510, 714, 102
package TwoPkg
  package P
    constant Real c=1;
    function f
      input Real u;
      output Real y;
    algorithm
      y:=c*u;
    end f;
  end P;
  package Q
    extends P(c=5);
  end Q;
  package R
    extends P(c=7);
  end R;
  model B
    replaceable package M=P;
    output Real y=M.f(2)+100*M.c;
  end B;
  model Test
    B b1(redeclare package M=Q);
    B b2(redeclare package M=R);
    B b3;
    output Real y[3]={b1.y,b2.y,b3.y};
  end Test;
end TwoPkg;
