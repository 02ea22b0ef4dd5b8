package LibraryUnits
  model Test
    import Modelica.Units.SI;
    SI.Volume V(start=1,fixed=true);
    output Real y;
  equation
    der(V)=-V;
    y=V;
  end Test;
end LibraryUnits;
