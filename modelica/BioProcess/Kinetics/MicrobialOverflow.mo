within BioProcess.Kinetics;
model MicrobialOverflow "Overflow metabolism of a microbe that makes an antigen inside its cells"
  extends PartialCellKinetics;
  parameter Data.XuJahicEnfors1999 data "Constants of uptake, respiration and growth";
  parameter Data.MicrobialCell cell "What a broken cell leaves behind";
  parameter Units.Molarity K_oxygen(min=1e-6) = 0.003 "Half saturation of oxygen: calibrated";
  parameter Units.Molarity K_ammonia(min=1e-6) = 0.1 "Half saturation of ammonia: calibrated";
  parameter Units.Temperature T_min = 278.15 "Below it nothing grows: 5 degC, Rosso et al. 1993, rounded";
  parameter Units.Temperature T_opt = 314.15 "Where growth is fastest: 41 degC, Rosso et al. 1993, rounded";
  parameter Units.Temperature T_max = 320.15 "Above it nothing grows: 47 degC, Rosso et al. 1993, rounded";
  parameter Units.Temperature T_reference = 310.15 "Temperature at which the constants hold: 37 degC, customary";
  parameter Units.PH pH_min = 4.4 "Below it nothing grows: calibrated";
  parameter Units.PH pH_opt = 7.0 "Where growth is fastest: customary";
  parameter Units.PH pH_max = 9.5 "Above it nothing grows: calibrated";
  parameter Units.Time lag(min=0) = 0 "Lag after inoculation";
  parameter Units.SpecificRate mu_lag(min=0) = 1.6e-4 "Rate at which cells adjust in that time: growth, 0.57 1/h, calibrated";
  parameter Units.Number inhibitor(min=0) = 0 "Inhibitor in the raw materials, over what halves the uptake of glucose";
  parameter Units.SpecificRate k_lysis(min=0) = 2.8e-7 "Rate at which cells break by themselves: 0.001 1/h, calibrated";
  parameter Units.Number y_antigen(min=0, max=0.5) = 0.15 "Antigen per growth, of induced cells: calibrated";
  parameter Units.Fraction burden(min=0, max=1) = 0.3 "Share of the uptake of glucose that induction takes away: calibrated";
  input Units.Temperature T "Temperature";
  input Units.PH pH "pH";
  input Units.Molarity oxygen "Dissolved oxygen";
  input Units.Fraction induction "Share of induction";
  output Units.MolarVolumetricRate oxygen_uptake "Oxygen that the cells take up";
  output Units.SpecificRate mu "Growth rate, negative while cells live on their own mass";
protected
  constant Real C_S = Species.Glucose.carbon "Carbon in glucose";
  constant Real C_A = Species.Acetate.carbon "Carbon in acetate";
  constant Real C_X(unit="mol/kg") = Species.Biomass.carbon "Carbon in dry mass";
  constant Real C_P(unit="mol/kg") = Species.Antigen.carbon "Carbon in antigen";
  final parameter Units.Fraction a_oxidative = data.Y_oxidative*C_X/C_S "Share of oxidised glucose that becomes cells";
  final parameter Units.Fraction a_overflow = data.Y_overflow*C_X/C_S "Share of overflowing glucose that becomes cells";
  final parameter Units.Fraction a_acetate = data.Y_acetate*C_X/C_A "Share of acetate that becomes cells";
  final parameter Units.Fraction f_reference = cardinalTemperature(T_reference, T_min, T_opt, T_max)
    "Growth at the reference over that at the optimum";
  final parameter Species.Concentrations contents = Disruption.cellContents(cell.hcp, cell.dna, cell.debris)
    "What leaves a broken cell per dry mass";
  Units.MassConcentration X "Dry mass";
  Units.Molarity A "Acetate";
  Units.Fraction air "Share of respiration that oxygen allows";
  Units.Number f_T "Rates at the temperature over those at the reference";
  Units.Fraction f_uptake "Share of uptake that pH, lag, inhibitor, nitrogen and induction leave";
  Units.BiomassMolarRate q_S "Uptake of glucose";
  Units.BiomassMolarRate q_O_limit "Respiration at most";
  Units.BiomassMolarRate q_oxidised "Glucose that is oxidised or becomes cells";
  Units.BiomassMolarRate q_burnt "Glucose that is burnt";
  Units.BiomassMolarRate q_overflow "Glucose that overflows";
  Units.BiomassMolarRate q_made "Acetate made";
  Units.BiomassMolarRate q_eaten "Acetate taken up";
  Units.BiomassMolarRate q_maintenance "Maintenance";
  Units.SpecificRate mu_total "Growth and antigen, as dry mass of the same carbon";
  Units.SpecificRate q_antigen "Antigen made";
  Units.BiomassMolarRate q_ammonia "Ammonia taken up";
  Units.BiomassMolarRate q_carbon "Carbon dioxide given off";
equation
  assert(a_oxidative < 1 and a_overflow < 1 and a_acetate < 1,
    "A yield of the microbe needs more carbon than its substrate has. Lower data.Y_oxidative, data.Y_overflow or data.Y_acetate.");
  assert(contents[Species.AminoAcids.index] >= 0 and contents[Species.Glucose.index] >= 0,
    "The contents of a cell hold more nitrogen or carbon than the cell. Lower cell.hcp, cell.dna or cell.debris.");
  X = noEvent(max(c[Species.Biomass.index], 0));
  A = noEvent(max(c[Species.Acetate.index], 0));
  air = saturation(noEvent(max(oxygen, 0)), K_oxygen);
  f_T = cardinalTemperature(T, T_min, T_opt, T_max)/f_reference;
  f_uptake = cardinalPH(pH, pH_min, pH_opt, pH_max)*saturation(c[Species.Ammonia.index], K_ammonia)
    *(1 - burden*induction)/(1 + inhibitor)/(1 + (exp(mu_lag*lag) - 1)*exp(-mu_lag*noEvent(max(age, 0))));
  q_S = f_T*f_uptake*data.q_S_max*saturation(c[Species.Glucose.index], data.K_S)*inhibition(A, data.KI_S);
  q_O_limit = f_T*data.q_O_max*inhibition(A, data.KI_O)*air;
  q_maintenance = data.q_m*air;
  q_oxidised = noEvent(min(q_S, max((q_O_limit/C_S - a_oxidative*q_maintenance)/(1 - a_oxidative), 0)));
  q_burnt = q_oxidised - a_oxidative*(q_oxidised - q_maintenance);
  q_overflow = q_S - q_oxidised;
  q_made = (1 - a_overflow)*q_overflow*C_S/3;
  q_eaten = noEvent(min(
    f_T*f_uptake*data.q_A_max*saturation(A, data.K_A), max(q_O_limit - C_S*q_burnt, 0)/(C_A*(1 - a_acetate))));
  mu_total = data.Y_oxidative*(q_oxidised - q_maintenance) + data.Y_overflow*q_overflow + data.Y_acetate*q_eaten;
  q_antigen = y_antigen*induction*noEvent(max(mu_total, 0));
  mu = mu_total - q_antigen*C_P/C_X;
  q_ammonia = Species.Biomass.nitrogen*mu + Species.Antigen.nitrogen*q_antigen;
  q_carbon = C_S*q_S + C_A*(q_eaten - q_made) - C_X*mu - C_P*q_antigen;
  oxygen_uptake = X*(C_S*q_burnt + C_A*(1 - a_acetate)*q_eaten);
  made = X*(Species.vector(
    biomass=noEvent(max(mu, 0)), acetate=q_made, ammonia=noEvent(max(-q_ammonia, 0)), carbonate=noEvent(max(q_carbon, 0)),
    antigen=q_antigen) + k_lysis*contents);
  consumed = X*Species.vector(
    biomass=noEvent(max(-mu, 0)) + k_lysis, glucose=q_S, acetate=q_eaten, ammonia=noEvent(max(q_ammonia, 0)),
    carbonate=noEvent(max(-q_carbon, 0)));
  annotation(Documentation(info="<html>
<p>Glucose that is taken up faster than respiration allows overflows to acetate, which is taken up again when there is
respiration to spare, and inhibits both uptake and respiration. Lack of oxygen makes more glucose overflow. Antigen is made
inside the cells once they are induced, at the expense of growth.</p>
<h4>Equations</h4>
<p>q<sub>S</sub> = f q<sub>S,max</sub> S/(K<sub>S</sub> + S) K<sub>I</sub>/(K<sub>I</sub> + A). Of it q<sub>ox</sub> is
oxidised or becomes cells, as much as respiration q<sub>O</sub> &le; q<sub>O,max</sub> K<sub>IO</sub>/(K<sub>IO</sub> + A)
O/(K<sub>O</sub> + O) lets burn: q<sub>burnt</sub> = q<sub>ox</sub> &minus; a (q<sub>ox</sub> &minus; q<sub>m</sub>), six
oxygen each, a = Y C<sub>X</sub>/C<sub>S</sub>. The rest overflows; what of it does not become cells gives two acetate and two
carbon dioxide each. Acetate is taken up as far as respiration has room, two oxygen for each that is burnt. &mu; =
Y<sub>ox</sub>(q<sub>ox</sub> &minus; q<sub>m</sub>) + Y<sub>of</sub> q<sub>of</sub> + Y<sub>A</sub> q<sub>A</sub>, less the
carbon of the antigen y &mu;. Ammonia brings the nitrogen of cells and antigen; carbon dioxide carries off the carbon left over.</p>
<p>f: cardinal functions of temperature, 1 at T_reference, and of pH, saturation by ammonia, induction, an inhibitor of the raw
materials, and the adjustment of Baranyi and Roberts after a lag.</p>
<h4>Assumptions</h4>
<p>All cells are alike. Antigen is in addition to the dry mass. Cells that break by themselves leave
<a href=\"modelica://BioProcess.Disruption.cellContents\">cellContents</a>, and their antigen.</p>
<h4>Limitations</h4>
<p>As published, acetate that overflows costs no oxygen. Without oxygen all glucose overflows to acetate; formate, ethanol
and lactate are not told apart. Oxygen is not balanced against the reduction of cells and antigen.</p>
<h4>Validation</h4>
<p>Case microbial; Tests.MicrobialBalance.</p>
<h4>References</h4>
<p>Xu, Jahic and Enfors 1999, doi:10.1021/bp9801087. Rosso, Lobry and Flandrois 1993, doi:10.1006/jtbi.1993.1099; Rosso et
al. 1995, doi:10.1128/aem.61.2.610-616.1995. Baranyi and Roberts 1994, doi:10.1016/0168-1605(94)90157-0.</p>
</html>"));
end MicrobialOverflow;
