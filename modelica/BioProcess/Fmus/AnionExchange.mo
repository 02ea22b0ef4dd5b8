within BioProcess.Fmus;
block AnionExchange "Anion exchanger through which an antibody flows, and which holds back impurities"
  extends Chromatography.IonExchangeColumn(
    diameter=0.6, length=0.1662, pH_start=7.5, redeclare Data.AnionExchanger exchanger,
    redeclare Data.AnionEquilibrationBuffer storage);
  annotation(
    experiment(StopTime=3600, Interval=60),
    Documentation(info="<html>
<p>47 L, for one cycle of the flagship process.</p>
</html>"));
end AnionExchange;
