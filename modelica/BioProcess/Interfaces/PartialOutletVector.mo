within BioProcess.Interfaces;
partial model PartialOutletVector "What leaves through an outlet as vectors over the species, with its totals"
  Units.VolumeFlowRate V_flow "Flow of the whole stream";
  Units.Temperature T "Temperature";
  Species.Concentrations c "Concentrations";
  Species.Flows m_flow "What leaves of each species";
protected
  Units.Volume V_total(start=0, fixed=true, nominal=1) "Volume sent";
  Species.Amounts m_total(each start=0, each fixed=true, nominal=Species.c_nominal) "Amounts sent";
  Units.Enthalpy H_total(start=0, fixed=true, nominal=1e8) "Enthalpy sent";
equation
  m_flow = V_flow*c;
  der(V_total) = V_flow;
  der(m_total) = m_flow;
  der(H_total) = V_flow*Media.volumetricEnthalpy(T);
end PartialOutletVector;
