within BioProcess.Data;
record LowBicarbonateMedium "Medium for a reactor whose pH carbon dioxide and base hold"
  extends CultureMedium(carbonate=22.5, chloride=130.86);
  annotation(Documentation(info="<html>
<p>20 mM bicarbonate, so that pH 7 takes a tenth of carbon dioxide in the gas; chloride balances the charge at pH 7:
calibrated.</p>
</html>"));
end LowBicarbonateMedium;
