within BioProcess.Interfaces;
partial block PartialGasExchange "A unit to which a gas brings, and from which it takes, carbon dioxide"
  output Units.AmountOfSubstance supplied_carbonate_total "Total dissolved carbonic acid, H2CO3: brought by the gas since the start";
  output Units.AmountOfSubstance vented_carbonate_total "Total dissolved carbonic acid, H2CO3: gone with the gas since the start";
protected
  Units.MolarFlowRate supplied_flow "Carbon dioxide that the gas brings";
  Units.MolarFlowRate vented_flow "Carbon dioxide that goes with the gas";
  Units.AmountOfSubstance supplied(start=0, fixed=true, nominal=10) "Carbon dioxide that the gas has brought";
  Units.AmountOfSubstance vented(start=0, fixed=true, nominal=10) "Carbon dioxide that has gone with the gas";
equation
  der(supplied) = supplied_flow;
  der(vented) = vented_flow;
  supplied_carbonate_total = supplied;
  vented_carbonate_total = vented;
  annotation(Documentation(info="<html>
<p>Gas crosses the boundary of the flowsheet. What it brings and takes is in and out, not made and consumed, so that these
tell of reactions alone and their carbon balances. Both flows are positive or zero.</p>
</html>"));
end PartialGasExchange;
