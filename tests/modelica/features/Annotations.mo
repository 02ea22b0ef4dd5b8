package Annotations
  model Test
    "d" Real x(start=1,fixed=true) annotation(Dialog(group="g"));
    output Real y;
  equation
    der(x)=-x annotation(Icon());
    y=x;
    annotation(Documentation(info="<html>h</html>"),experiment(StopTime=1));
  end Test;
end Annotations;
