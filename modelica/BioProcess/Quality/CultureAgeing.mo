within BioProcess.Quality;
model CultureAgeing "Antibody that is secreted with its glycans and charge variants, and ages in the broth"
  extends PartialAgeing;
  parameter Data.SecretedAntibody antibody "Variants at secretion, and rates of ageing";
  input Units.Number galactose_content "Terminal galactose per antibody, in moles, of what is made";
  input Units.Number high_mannose_content "High-mannose glycans per antibody, in moles, of what is made";
protected
  Units.SpecificRate k_aggregation "Rate at which antibody aggregates";
  Real acidic_rate(unit="kg/(m3.s)") "Main form that turns acidic";
  Units.SpecificRate k_clipping "Rate at which basic variants lose their lysine";
equation
  k_aggregation = aggregationRate(T, pH, c[Species.Mab.index], antibody.stability);
  acidic_rate = acidicRate(T, pH, antibody.stability)*noEvent(max(
    c[Species.Mab.index] - c[Species.MabAcidic.index] - c[Species.MabBasic.index], 0));
  k_clipping = antibody.k_clipping*Formulation.arrhenius(T, antibody.stability.T_nominal, antibody.E_clipping);
  made = Species.vector(
    mab_acidic=antibody.acidic*mab_made + acidic_rate, mab_basic=antibody.basic*mab_made,
    glycan_galactose=noEvent(max(galactose_content, 0))*mab_made/Species.Mab.molar_mass,
    glycan_high_mannose=noEvent(max(high_mannose_content, 0))*mab_made/Species.Mab.molar_mass,
    mab_aggregate=k_aggregation*c[Species.Mab.index]);
  consumed = VirusSafety.aggregation(k_aggregation, c) + Species.vector(mab_basic=k_clipping*c[Species.MabBasic.index]);
  annotation(Documentation(info="<html>
<p>Cells secrete antibody of which a share is acidic and a share basic, with C-terminal lysine. In the broth
carboxypeptidase clips the lysine, deamidation turns the main form acidic, and antibody aggregates.</p>
<h4>Equations</h4>
<p>acidic: s<sub>a</sub> r + k<sub>a</sub>(T, pH) (mab &minus; acidic &minus; basic); basic: s<sub>b</sub> r &minus;
k<sub>c</sub>(T) basic; aggregates: (k<sub>1</sub> + k<sub>2</sub> mab)(T, pH) mab, taken from the antibody and in
proportion from what is contained in it. Galactose and high-mannose glycans: r/M times the content of what is made, which
the model of the Golgi or a measurement gives.</p>
<h4>Assumptions</h4>
<p>Aggregates are not split into variants. Glycans do not change after secretion. Enzyme that clips lysine is there from
the start.</p>
<h4>Limitations</h4>
<p>Neither oxidation nor glycation, nor shear at gas bubbles. Rates are guesses: see Data.SecretedAntibody.</p>
<h4>Validation</h4>
<p>Case ageing; Tests.AgeingCulture.</p>
</html>"));
end CultureAgeing;
