within BioProcess.Fmus;
block CationExchange "Cation exchanger that binds an antibody and elutes it by a gradient of salt"
  extends Chromatography.IonExchangeColumn(
    diameter=0.6, length=0.2264, pH_start=5.2, redeclare Data.CationExchanger exchanger,
    redeclare Data.CationEquilibrationBuffer storage);
  annotation(
    experiment(StopTime=3600, Interval=60),
    Documentation(info="<html>
<p>64 L, for two cycles of the flagship process.</p>
</html>"));
end CationExchange;
