package WhileInFunction
  function f
    input Real x;
    output Real y;
  protected
    Integer i;
  algorithm
    i:=0;
    y:=0;
    while i<2 loop y:=y+x;
    i:=i+1;
    end while;
  end f;
  model Test
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-f(x);
    y=x;
  end Test;
end WhileInFunction;
