within BioProcess.Icons;
partial package Information "A page to read"
  annotation(Icon(graphics={Ellipse(extent={{-100,100},{100,-100}}, lineColor={75,138,73}, fillColor={240,250,240}, fillPattern=FillPattern.Solid)}));
end Information;
