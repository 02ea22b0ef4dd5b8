within BioProcess.Quality;
partial block PartialGlycosylation "What conditions in the culture do to the Golgi"
  extends Icons.UnitOperation;
  parameter Units.Volume golgi_volume(min=1e-19) = 2.5e-17 "Volume of the Golgi of a cell: 25 fL, calibrated";
  parameter Units.Time residence_nominal(min=1) = 1320 "Time in the Golgi at T_nominal: 22 min, calibrated";
  parameter Units.MolarEnergy E_transit(min=0) = 3.0e4 "Activation energy of transport: calibrated";
  parameter Units.Temperature T_nominal(min=273.15) = 309.95 "Where rates are given: 36.8 degC, customary";
  parameter Real v_max[7](each min=0) = {2e-2, 5e-3, 1.2e-2, 2.2e-3, 1.2e-2, 7e-4, 6e-5}
    "Largest rate of ManI, GnTI, ManII, FucT, GnTII, GalT, SiaT where densest [mol/(m3.s)]: calibrated";
  parameter Units.Molarity K[9](each min=1e-6) = {0.1, 0.3, 0.2, 0.15, 0.2, 0.5, 0.25, 0.3, 0.3}
    "Half saturation of ManI, GnTI, ManII, FucT, GnTII, GalT and SiaT on the first and second arm: calibrated";
  parameter Units.Fraction position[7](each min=0, each max=1) = {0.15, 0.30, 0.40, 0.50, 0.50, 0.75, 0.85}
    "Where each enzyme is densest, over the length of the Golgi: calibrated";
  parameter Units.Fraction width[7](each min=0.01) = {0.12, 0.10, 0.10, 0.12, 0.12, 0.12, 0.10}
    "Standard deviation of its distribution, over the length: calibrated";
  parameter Units.MolarEnergy E_enzyme[7](each min=0) = fill(5.0e4, 7) "Activation energy of each enzyme: customary";
  parameter Units.PH pH_best[7] = {6.3, 6.5, 6.3, 6.7, 6.5, 6.4, 6.2} "pH where each enzyme is fastest: calibrated";
  parameter Units.Number pH_width[7](each min=0.05) = {1.0, 0.8, 0.8, 1.0, 0.8, 0.5, 0.6}
    "Standard deviation of its activity over pH: calibrated";
  parameter Units.Molarity donor_max[4](each min=0) = {5.0, 0.3, 2.0, 1.0}
    "Largest UDP-GlcNAc, GDP-fucose, UDP-galactose, CMP-sialic acid in the Golgi: calibrated";
  parameter Units.Molarity K_glucose[4](each min=0) = {2.5, 0.3, 1.0, 0.8}
    "Glucose in the broth at half of that: calibrated";
  parameter Units.Molarity K_donor[4](each min=1e-6) = {1.0, 0.02, 0.3, 0.2} "Half saturation of each donor: calibrated";
  parameter Units.PH pH_cell = 6.4 "pH of the Golgi without ammonia at pH 7 of the broth: calibrated";
  parameter Units.Number pH_rise(min=0) = 0.8 "Rise of that by much ammonia: calibrated";
  parameter Units.Molarity K_ammonia(min=1e-6) = 10 "Ammonia for half of the rise: calibrated";
  parameter Units.Number pH_share = 0.3 "Share of a change of the pH of the broth that reaches the Golgi: calibrated";
  parameter Units.SpecificMassRate productivity_small(min=1e-26) = 1e-22
    "Productivity below which composition is that at this one: numerical";
  input Units.SpecificMassRate productivity(start=3e-19, min=0, max=1e-17) "Antibody that a cell makes";
  input Units.Molarity glucose(start=12, min=0, max=1000) "Glucose in the broth";
  input Units.Molarity ammonia(start=4, min=0, max=1000) "Ammonia in the broth";
  input Units.Temperature temperature(start=309.95, min=273.15, max=333.15) "Temperature of the broth";
  input Units.PH pH(start=7, min=4, max=10) "pH of the broth";
  output Units.Fraction high_mannose "Glycans on which no antenna has begun, Man5 to Man9";
  output Units.Fraction hybrid "Glycans with one antenna";
  output Units.Fraction g0 "Glycans with two antennae and no galactose";
  output Units.Fraction g1 "Glycans with two antennae and one galactose";
  output Units.Fraction g2 "Glycans with two antennae and two galactoses";
  output Units.Fraction afucosylated "Glycans without core fucose";
  output Units.Fraction galactosylation "Galactosylated share of the antennae of glycans with two";
  output Units.Number galactose_content "Terminal galactose per antibody, in moles: for the reactor";
  output Units.Number high_mannose_content "High-mannose glycans per antibody, in moles: for the reactor";
  output Units.PH golgi_pH "pH of the Golgi";
protected
  constant Units.Number n_sites = 2 "Glycans on an antibody";
  constant Units.Fraction complex_small = 1e-9 "Share of glycans with two antennae that is as good as none";
  Units.Time residence "Time in the Golgi";
  Units.Molarity c_in "Oligosaccharides that enter the Golgi";
  Units.Molarity S "Glucose, not below zero";
  Units.Fraction saturation[4] "Saturation by each donor";
  Units.Number activity[7] "Activity of each enzyme at this temperature and pH over its best at T_nominal";
  Real v[7] "Largest rate of each enzyme where densest [mol/(m3.s)]";
equation
  residence = residence_nominal/Formulation.arrhenius(temperature, T_nominal, E_transit);
  c_in = n_sites*noEvent(max(productivity, productivity_small))/Species.Mab.molar_mass*residence/golgi_volume;
  S = noEvent(max(glucose, 0));
  golgi_pH = pH_cell + pH_rise*noEvent(max(ammonia, 0))/(K_ammonia + noEvent(max(ammonia, 0))) + pH_share*(pH - 7);
  for d in 1:4 loop
    saturation[d] = donor_max[d]*S/(donor_max[d]*S + K_donor[d]*(K_glucose[d] + S));
  end for;
  for e in 1:7 loop
    activity[e] = Formulation.arrhenius(temperature, T_nominal, E_enzyme[e])
      *exp(-0.5*((golgi_pH - pH_best[e])/pH_width[e])^2);
  end for;
  v[1] = v_max[1]*activity[1];
  v[2] = v_max[2]*activity[2]*saturation[1];
  v[3] = v_max[3]*activity[3];
  v[4] = v_max[4]*activity[4]*saturation[2];
  v[5] = v_max[5]*activity[5]*saturation[1];
  v[6] = v_max[6]*activity[6]*saturation[3];
  v[7] = v_max[7]*activity[7]*saturation[4];
  galactosylation = (0.5*g1 + g2)/noEvent(max(g0 + g1 + g2, complex_small));
  high_mannose_content = n_sites*high_mannose;
  annotation(Documentation(info="<html>
<p>Oligosaccharides enter the Golgi as fast as antibody is made, stay as long as transport takes, and meet enzymes whose
speed depends on temperature, on the pH of the Golgi and on the donors of sugars.</p>
<h4>Equations</h4>
<p>c<sub>in</sub> = 2 q/M &tau;/V, &tau; and the rates after Arrhenius. pH<sub>Golgi</sub> = pH<sub>cell</sub> + &Delta;
NH<sub>3</sub>/(K + NH<sub>3</sub>) + s (pH &minus; 7); the activity of an enzyme is a normal curve over it. Each donor is
D<sub>max</sub> S/(K<sub>S</sub> + S) and saturates its enzyme, D/(K<sub>D</sub> + D).</p>
<h4>Assumptions</h4>
<p>Two sites, glycosylated alike and all occupied. Donors follow glucose at once, and do not run out by use.</p>
<h4>Limitations</h4>
<p>Glutamine, galactose, manganese and other supplements do nothing. The parameters are guesses, calibrated to the usual
glycans of an antibody from CHO cells, not to data.</p>
<h4>References</h4>
<p>Del Val, Nagy and Kontoravdi 2011, Biotechnology Progress 27:1730.</p>
</html>"));
end PartialGlycosylation;
