within BioProcess.Formulation;
block AgeingTank "Well-mixed tank with outflow on demand in which antibody ages while it waits"
  extends Vessels.Tank(
    ageing_flow=Species.vector(mab_aggregate=k_aggregation*m[Species.Mab.index], mab_acidic=acidic_flow)
      - VirusSafety.aggregation(k_aggregation, m));
  parameter Data.AntibodyStability stability(k_aggregation=0, k_acidic=0) "Rates of ageing: none unless set";
  output Units.Mass consumed_mab_total "Antibody: consumed since the start";
  output Units.Mass made_mab_aggregate_total "Aggregates: made since the start";
  output Units.Mass made_mab_acidic_total "Acidic variants: made since the start";
  output Units.Mass consumed_mab_acidic_total "Acidic variants: consumed since the start";
  output Units.Mass consumed_mab_basic_total "Basic variants: consumed since the start";
  output Units.AmountOfSubstance consumed_glycan_galactose_total "Terminal galactose: consumed since the start";
  output Units.AmountOfSubstance consumed_glycan_high_mannose_total "High-mannose glycans: consumed since the start";
  output Units.Fraction aggregates "Aggregates over antibody and aggregates";
  output Units.Fraction acidic "Acidic variants over antibody";
protected
  constant Units.Mass m_small = 1e-9 "Antibody that is as good as none";
  Units.SpecificRate k_aggregation "Rate at which antibody aggregates";
  Units.MassFlowRate acidic_flow "Main form that turns acidic";
  Units.Mass m_turned(start=0, fixed=true, nominal=1) "Acidic variants made";
  Units.Mass m_aggregated(start=0, fixed=true, nominal=1) "Antibody that aggregated";
  Units.Mass m_acidic(start=0, fixed=true, nominal=0.1) "Of it, acidic variants";
  Units.Mass m_basic(start=0, fixed=true, nominal=0.1) "Of it, basic variants";
  Units.AmountOfSubstance n_galactose(start=0, fixed=true, nominal=0.01) "Of it, terminal galactose";
  Units.AmountOfSubstance n_mannose(start=0, fixed=true, nominal=1e-3) "Of it, high-mannose glycans";
equation
  k_aggregation = Quality.aggregationRate(T, stability.pH_nominal, c[Species.Mab.index], stability);
  acidic_flow = Quality.acidicRate(T, stability.pH_nominal, stability)*noEvent(max(
    m[Species.Mab.index] - m[Species.MabAcidic.index] - m[Species.MabBasic.index], 0));
  der(m_turned) = acidic_flow;
  der(m_aggregated) = k_aggregation*m[Species.Mab.index];
  der(m_acidic) = k_aggregation*m[Species.MabAcidic.index];
  der(m_basic) = k_aggregation*m[Species.MabBasic.index];
  der(n_galactose) = k_aggregation*m[Species.GlycanGalactose.index];
  der(n_mannose) = k_aggregation*m[Species.GlycanHighMannose.index];
  consumed_mab_total = m_aggregated;
  made_mab_aggregate_total = m_aggregated;
  made_mab_acidic_total = m_turned;
  consumed_mab_acidic_total = m_acidic;
  consumed_mab_basic_total = m_basic;
  consumed_glycan_galactose_total = n_galactose;
  consumed_glycan_high_mannose_total = n_mannose;
  aggregates = m[Species.MabAggregate.index]
    /noEvent(max(m[Species.MabAggregate.index] + m[Species.Mab.index], m_small));
  acidic = m[Species.MabAcidic.index]/noEvent(max(m[Species.Mab.index], m_small));
  annotation(Documentation(info="<html>
<p>A pool that waits between two steps.</p>
<h4>Equations</h4>
<p>Antibody aggregates with the rate k<sub>1</sub> + k<sub>2</sub> c, and what is contained in it goes along; the main form
turns acidic in first order. Both follow Arrhenius with the temperature of the contents.</p>
<h4>Limitations</h4>
<p>The rates are those at the pH of the pool, whatever it is: give them for that pH. Nothing cools or warms the tank but
what enters; <a href=\"modelica://BioProcess.Formulation.StabilityTank\">StabilityTank</a> has a jacket, and rates that
follow the pH.</p>
<h4>Validation</h4>
<p>Case ageing hold: against the same rates solved with scipy.</p>
</html>"));
end AgeingTank;
