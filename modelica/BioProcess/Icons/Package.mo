within BioProcess.Icons;
partial package Package "A package"
  annotation(Icon(graphics={Rectangle(extent={{-100,100},{100,-100}}, radius=25, lineColor={128,128,128})}));
end Package;
