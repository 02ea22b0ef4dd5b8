within BioProcess.Interfaces;
connector LiquidReceiver "What receives from an outlet inside a model"
  input Units.VolumeFlowRate V_flow "Flow of the whole stream";
  input Units.Temperature T "Temperature";
  input Units.CellConcentration c_cells_viable "Viable cells: concentration";
  input Units.CellConcentration c_cells_dead "Dead cells, still whole: concentration";
  input Units.Molarity c_glucose "D-glucose, C6H12O6: concentration";
  input Units.Molarity c_glutamine "L-glutamine, C5H10N2O3: concentration";
  input Units.Molarity c_lactate "Total lactic acid, C3H6O3: concentration";
  input Units.Molarity c_ammonia "Total ammonia, NH3: concentration";
  input Units.Molarity c_carbonate "Total dissolved carbonic acid, H2CO3: concentration";
  input Units.MassConcentration c_mab "Monoclonal antibody: concentration";
  input Units.MassConcentration c_hcp "Host cell protein: concentration";
  input Units.Molarity c_sodium "Sodium ion: concentration";
  input Units.Molarity c_chloride "Chloride ion: concentration";
  input Units.Molarity c_acetate "Total acetic acid, C2H4O2: concentration";
  input Units.Molarity c_tris "Total tris(hydroxymethyl)aminomethane, C4H11NO3: concentration";
  input Units.Molarity c_phosphate "Total phosphoric acid, H3PO4: concentration";
  input Units.Volume V_total "Volume sent since the start";
  input Units.CellCount m_cells_viable_total "Viable cells: total since the start";
  input Units.CellCount m_cells_dead_total "Dead cells, still whole: total since the start";
  input Units.AmountOfSubstance m_glucose_total "D-glucose, C6H12O6: total since the start";
  input Units.AmountOfSubstance m_glutamine_total "L-glutamine, C5H10N2O3: total since the start";
  input Units.AmountOfSubstance m_lactate_total "Total lactic acid, C3H6O3: total since the start";
  input Units.AmountOfSubstance m_ammonia_total "Total ammonia, NH3: total since the start";
  input Units.AmountOfSubstance m_carbonate_total "Total dissolved carbonic acid, H2CO3: total since the start";
  input Units.Mass m_mab_total "Monoclonal antibody: total since the start";
  input Units.Mass m_hcp_total "Host cell protein: total since the start";
  input Units.AmountOfSubstance m_sodium_total "Sodium ion: total since the start";
  input Units.AmountOfSubstance m_chloride_total "Chloride ion: total since the start";
  input Units.AmountOfSubstance m_acetate_total "Total acetic acid, C2H4O2: total since the start";
  input Units.AmountOfSubstance m_tris_total "Total tris(hydroxymethyl)aminomethane, C4H11NO3: total since the start";
  input Units.AmountOfSubstance m_phosphate_total "Total phosphoric acid, H3PO4: total since the start";
  input Units.Enthalpy H_total "Enthalpy sent since the start, zero at 0 degC";
  annotation(Documentation(info="<html>
<p>The counterpart of a LiquidOutlet: the same members with the opposite direction, so that the two can be connected.</p>
</html>"));
end LiquidReceiver;
