package ArrayModification
  model Part
    parameter Real a[2]={1, 2};
    parameter Real b=sum(a);
    Real x(start=b, fixed=true);
  equation
    der(x) = -x*a[2];
  end Part;

  model Test "a matrix spread over an array of components"
    Part part[2](a={{1, 1}, {2, 3}});
    output Real y;
  equation
    y = part[1].x + part[2].x;
  end Test;
end ArrayModification;
