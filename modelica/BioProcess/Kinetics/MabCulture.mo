within BioProcess.Kinetics;
model MabCulture "Growth, ageing, mild death, lactate switch and product of a CHO culture"
  extends PartialCellKinetics;
  parameter Units.SpecificRate mu_max(min=0) = 1.0277777777777778e-5
    "Largest growth rate: 0.037 1/h, Kornecki and Strube 2018";
  parameter Data.KorneckiStrube2018 published "Published constants";
  parameter Units.Time age_half(min=1e-6) = 914400 "Age at which growth is halved: 254 h, calibrated";
  parameter Units.Number n_age(min=1e-6) = 3.45 "Steepness of ageing: calibrated";
  parameter Units.SpecificRate mu_death(min=0) = 2.278e-7 "Death rate of young cells: 8.2e-4 1/h, calibrated";
  parameter Units.SpecificRate mu_death_old(min=0) = 2.806e-7 "Death rate that ageing adds: 1.01e-3 1/h, calibrated";
  parameter Units.SpecificMolarRate m_glucose(min=0) = 4.444e-19
    "Maintenance on glucose: 1.6e-3 mmol/(1e9 h), calibrated";
  parameter Units.Number Y_lactate(min=0) = 1.30 "Lactate per glucose taken up for growth: calibrated";
  parameter Units.SpecificMolarRate q_lactate_max(min=0) = 5.389e-18
    "Largest uptake of lactate: 0.0194 mmol/(1e9 h), calibrated";
  parameter Units.Molarity K_lactate(min=1e-6) = 5 "Half saturation of lactate uptake: calibrated";
  parameter Units.SpecificMolarRate q_ammonia_max(min=0) = 9.722e-19
    "Largest uptake of ammonia: 3.5e-3 mmol/(1e9 h), calibrated";
  parameter Units.Molarity K_ammonia(min=1e-6) = 2 "Half saturation of ammonia uptake: calibrated";
  parameter Units.SpecificRate mu_switch(min=1e-12) = 1.861e-6
    "Growth rate at which half of the uptake is switched on: 6.7e-3 1/h, calibrated";
  parameter Units.SpecificMassRate q_mab_max(min=0) = 4.708e-19
    "Productivity of cells that do not grow: 1.695e-3 g/(1e9 h), calibrated";
  parameter Units.SpecificRate mu_mab(min=1e-12) = 4.594e-6
    "Growth rate at which productivity is halved: 0.01654 1/h, calibrated";
  parameter Units.SpecificMassRate q_hcp(min=0) = 7e-21 "Secretion of host cell protein: calibrated";
  parameter Units.MassPerCell hcp_cell(min=0) = 4.5e-14
    "Host cell protein that a dying cell lets go: 45 pg of about 150 pg, calibrated";
  parameter Units.Fraction share_asparagine(min=0, max=1) = 0.15 "Share of the nitrogen of amino acids that asparagine brings: calibrated";
  parameter Units.Molarity K_amino_acids(min=1e-6) = 0.1 "Half saturation of the uptake of amino acids: calibrated";
  Units.SpecificRate mu_stress = 0 "Death rate from stress such as a thaw";
  Units.SpecificRate mu "Growth rate";
  Units.SpecificRate mu_d "Death rate";
  Units.Fraction old "Share of ageing";
  Units.Fraction growth_factor = 1 "Share of growth that the conditions allow";
  Units.Number product_factor = 1 "Productivity under the conditions over that at the reference";
protected
  Units.CellConcentration X "Viable cells";
  Units.Fraction switch "Share of uptake that is switched on";
  Units.SpecificMolarRate q_growth "Glucose for growth";
  Units.SpecificMolarRate q_glucose "Uptake of glucose";
  Units.SpecificMolarRate q_glutamine "Uptake of glutamine";
  Units.SpecificMolarRate q_lactate "Uptake of lactate";
  Units.SpecificMolarRate q_ammonia "Uptake of ammonia";
  Units.SpecificMassRate q_mab "Productivity";
  Units.SpecificMassRate q_protein "Host cell protein let go";
  Units.SpecificMolarRate q_nitrogen "Nitrogen that amino acids other than glutamine have to bring";
  Units.SpecificMolarRate q_asparagine "Uptake of asparagine";
  Units.SpecificMolarRate q_amino_acids "Uptake of other amino acids";
  Units.SpecificMolarRate q_carbon "Carbon dioxide given off";
equation
  X = noEvent(max(c[Species.CellsViable.index], 0));
  old = 1 - 1/(1 + noEvent(max(age, 0)/age_half)^n_age);
  mu = growth_factor*mu_max*(1 - old)*saturation(c[Species.Glucose.index], published.K_glucose)
    *saturation(c[Species.Glutamine.index], published.K_glutamine)
    *inhibition(c[Species.Lactate.index], published.KI_lactate)
    *inhibition(c[Species.Ammonia.index], published.KI_ammonia);
  mu_d = mu_death + mu_death_old*old + mu_stress;
  switch = mu_switch/(mu_switch + mu);
  q_growth = mu/published.Y_glucose;
  q_glucose = q_growth + m_glucose*saturation(c[Species.Glucose.index], published.K_glucose);
  q_glutamine = mu/published.Y_glutamine;
  q_lactate = q_lactate_max*switch*saturation(c[Species.Lactate.index], K_lactate);
  q_ammonia = q_ammonia_max*switch*saturation(c[Species.Ammonia.index], K_ammonia);
  q_mab = product_factor*q_mab_max*mu_mab/(mu_mab + mu);
  q_protein = q_hcp + hcp_cell*mu_d;
  q_nitrogen = Species.CellsViable.nitrogen*mu + Species.Mab.nitrogen*q_mab + Species.Hcp.nitrogen*q_protein
    + published.Y_ammonia*q_glutamine - q_ammonia - Species.Glutamine.nitrogen*q_glutamine;
  q_asparagine = share_asparagine*noEvent(max(q_nitrogen, 0))/Species.Asparagine.nitrogen
    *saturation(c[Species.Asparagine.index], K_amino_acids);
  q_amino_acids = (noEvent(max(q_nitrogen, 0)) - Species.Asparagine.nitrogen*q_asparagine)/Species.AminoAcids.nitrogen
    *saturation(c[Species.AminoAcids.index], K_amino_acids);
  q_carbon = noEvent(max(
    Species.Glucose.carbon*q_glucose + Species.Glutamine.carbon*q_glutamine + Species.Asparagine.carbon*q_asparagine
      + Species.AminoAcids.carbon*q_amino_acids + Species.Lactate.carbon*(q_lactate - Y_lactate*q_growth)
      - Species.CellsViable.carbon*mu - Species.Mab.carbon*q_mab - Species.Hcp.carbon*q_protein,
    0));
  made = Species.vector(
    cells_viable=mu*X, cells_dead=mu_d*X, lactate=Y_lactate*q_growth*X, ammonia=published.Y_ammonia*q_glutamine*X,
    carbonate=q_carbon*X, mab=q_mab*X, hcp=q_protein*X);
  consumed = Species.vector(
    cells_viable=mu_d*X, glucose=q_glucose*X, glutamine=q_glutamine*X, asparagine=q_asparagine*X,
    amino_acids=q_amino_acids*X, lactate=q_lactate*X, ammonia=q_ammonia*X);
  annotation(Documentation(info="<html>
<p>Growth limited by glucose and glutamine and inhibited by lactate and ammonia after Kornecki and Strube 2018, with
terms of our own: growth falls with the age of the culture, death rises with it, slow-growing cells take up lactate and
ammonia and make more product.</p>
<h4>Equations</h4>
<p>&mu; = &mu;<sub>max</sub>/(1 + (age/age<sub>half</sub>)<sup>n</sup>) &middot; S<sub>glc</sub>/(K + S<sub>glc</sub>) &middot;
S<sub>gln</sub>/(K + S<sub>gln</sub>) &middot; K<sub>I</sub>/(K<sub>I</sub> + lac) &middot; K<sub>I</sub>/(K<sub>I</sub> + amm)</p>
<p>Asparagine and the other amino acids bring the nitrogen of cells, antibody and host cell protein that glutamine does not
bring, and carbon dioxide carries off the carbon left over: carbon and nitrogen balance as long as amino acids last.</p>
<h4>Limitations</h4>
<p>Fitted to one course of 14 days, an engineering target and not published data. Cells take no notice of pH, oxygen or
osmolality. Other amino acids do not limit growth. Carbon dioxide is what the published and fitted yields leave over,
about a third of what respiration of such a culture gives off.</p>
<h4>References</h4>
<p>Kornecki and Strube 2018, doi:10.3390/bioengineering5010025.</p>
</html>"));
end MabCulture;
