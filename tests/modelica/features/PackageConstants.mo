package PackageConstants
  package C
    constant Real R=2;
    constant Real a[2]={1,2};
  end C;
  model Test
    Real x(start=1,fixed=true);
    output Real y;
  equation
    der(x)=-C.R*C.a[1]*x;
    y=x;
  end Test;
end PackageConstants;
