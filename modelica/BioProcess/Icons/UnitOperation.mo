within BioProcess.Icons;
partial block UnitOperation "A unit operation"
  annotation(Icon(graphics={Rectangle(extent={{-80,80},{80,-80}}, lineColor={0,0,127}, fillColor={235,243,255}, fillPattern=FillPattern.Solid)}));
end UnitOperation;
