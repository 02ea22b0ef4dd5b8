package AssertTerminate
  model Test
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-x;
    assert(x>-1,"neg");
    when x<0.01 then terminate("done");
    end when;
    y=x;
  end Test;
end AssertTerminate;
