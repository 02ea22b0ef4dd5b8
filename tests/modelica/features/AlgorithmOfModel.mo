package AlgorithmOfModel
  model Test
    Real x(start=1,fixed=true);
    Real w;
    output Real y;
  algorithm
    w:=2*x;
    if w>100 then w:=100;
    end if;
  equation
    der(x)=-w;
    y=x;
  end Test;
end AlgorithmOfModel;
