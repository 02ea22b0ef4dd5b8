within BioProcess.Icons;
partial model Example "A runnable example"
  annotation(Icon(graphics={Ellipse(extent={{-100,100},{100,-100}}, lineColor={75,138,73})}));
end Example;
