within BioProcess.Reactors;
partial block PartialAeration "Gas, heat, stirring and base of a reactor"
  parameter Units.Length tank_diameter(min=0.01) = 1.2 "Inner diameter: 2,000 L, calibrated";
  parameter Units.Length impeller_diameter(min=0.005) = 0.5 "Diameter of the impellers: calibrated";
  parameter Units.Number n_impellers(min=1) = 2 "Number of impellers: customary";
  parameter Units.Number power_number(min=0) = 1.5 "Power number of one impeller, turbulent: pitched blades, customary";
  parameter Units.Number dissipation_ratio(min=1) = 30 "Largest over mean dissipation of energy: calibrated";
  parameter Units.Length d_cell(min=1e-9) = 1.6e-5 "Diameter of a cell: a sphere of 2.25 pL, calibrated";
  parameter Units.Fraction headspace(min=1e-3) = 0.3 "Gas over liquid at inoculation: customary";
  parameter Units.Number kLa_ratio(min=0) = 0.89
    "Transfer of carbon dioxide over that of oxygen: square root of the diffusivities, Cussler 2009, Diffusion";
  parameter Units.HeatTransferCoefficient U(min=0) = 300 "Heat transfer through the wall: customary";
  parameter Units.MolarEnergy heat_per_oxygen = 5.19e5
    "Heat that cells give off per oxygen: Cooney, Wang and Mateles 1969, Biotechnology and Bioengineering 11:269";
  parameter Units.Pressure p(min=1e4) = 101325 "Pressure of the gas: customary";
  parameter Units.Fraction oxygen_start(min=0) = 1 "Dissolved oxygen at inoculation over that under air";
  replaceable GasTransfer.Coalescing correlation constrainedby GasTransfer.PartialCorrelation "Transfer coefficient";
  Interfaces.LiquidInlet base "Base";
  input Units.Frequency stirrer_speed(start=0.8, min=0, max=5) "Turns of the stirrer per time";
  input Units.MolarFlowRate gas_flow(start=0.0134, min=0, max=1) "Gas that is sparged: 0.01 volumes per volume and minute";
  input Units.Fraction gas_oxygen(start=0.2095, min=0, max=1) "Oxygen in the gas";
  input Units.Fraction gas_carbon_dioxide(start=0, min=0, max=1) "Carbon dioxide in the gas";
  input Units.Temperature jacket_temperature(start=T_reference, min=273.15, max=353.15) "Temperature of the jacket";
  output Units.Temperature temperature "Temperature of the broth";
  output Units.PH pH "pH";
  output Units.Fraction oxygen "Dissolved oxygen over that under air at 1 atm";
  output Units.Pressure p_carbon_dioxide "Carbon dioxide, as the pressure in equilibrium";
  output Units.SpecificRate kLa "Transfer coefficient of oxygen";
  output Units.MolarVolumetricRate oxygen_uptake_rate "Oxygen that the cells take up";
  output Units.MolarVolumetricRate oxygen_transfer_rate "Oxygen that the gas gives";
  output Units.MolarVolumetricRate carbon_dioxide_strip_rate "Carbon dioxide that the gas takes";
  output Units.Fraction offgas_oxygen "Oxygen in the gas that leaves";
  output Units.Fraction offgas_carbon_dioxide "Carbon dioxide in the gas that leaves";
  output Units.MolarFlowRate offgas_flow "Gas that leaves";
  output Units.PowerPerVolume power_per_volume "Power of the stirrer per volume";
  output Units.Velocity tip_speed "Speed of the tips of the impellers";
  output Units.Velocity gas_velocity "Superficial velocity of the gas";
  output Units.Time mixing_time "Time to mix to 95 %";
  output Units.Length eddy_length "Smallest eddies, where dissipation is largest";
  output Units.Number shear_indicator "Diameter of a cell over the smallest eddies: harm is to be feared near 1";
protected
  parameter Units.Temperature T_reference "Temperature above which enthalpy is counted";
  parameter Units.Volume V_reference "Volume at inoculation";
  parameter Units.Volume V_small "Volume that is as good as none";
  Units.Volume V_broth "Volume of broth";
  Species.Concentrations c_broth "Concentrations in the broth";
  Units.VolumeFlowRate V_in_flow "Flow that enters, but for the base";
  Units.VolumeFlowRate V_out_flow "Flow that leaves";
  Units.HeatFlowRate H_in_flow "Enthalpy above that at T_reference that enters, but with the base";
  Species.Rates made_by_gas "What the gas gives, per volume";
  Species.Rates consumed_by_gas "What the gas takes, per volume";
  constant Real R(unit="J/(mol.K)") = 8.314462618 "Gas constant";
  constant Units.Fraction oxygen_air = 0.2095 "Oxygen in dry air: CRC Handbook of Chemistry and Physics";
  constant Units.Pressure p_standard = 101325 "One atmosphere, SI";
  constant Units.Density rho = 993 "Water at 37 degC: CRC Handbook of Chemistry and Physics";
  constant Units.KinematicViscosity nu = 7e-7 "Water at 37 degC: CRC Handbook of Chemistry and Physics";
  constant Real pi = 3.141592653589793 "Circle";
  Units.AmountOfSubstance n_oxygen(
    start=V_reference*oxygen_start*GasTransfer.solubilityOfOxygen(T_reference)*oxygen_air*p_standard,
    fixed=true,
    nominal=0.2) "Dissolved oxygen";
  Units.Enthalpy H(start=0, fixed=true, nominal=1e7) "Enthalpy of the broth above that at T_reference";
  Units.Volume V_safe "Volume, but not zero";
  Units.Molarity c_oxygen "Dissolved oxygen";
  Units.HenryConstant H_oxygen "Solubility of oxygen";
  Units.HenryConstant H_carbon_dioxide "Solubility of carbon dioxide";
  Units.Molarity c_carbon_dioxide "Dissolved carbon dioxide";
  Units.Power P "Power of the stirrer";
  Units.Power heating "Heat from jacket, cells and stirrer";
  Units.Area wall "Wetted wall";
  Units.MolarVolumetricRate stripping "Carbon dioxide that the gas takes";
  Units.Fraction wetted "Share of sparging that contents allow";
  GasTransfer.OffGas gas(n_gas=headspace*V_reference*p/(R*T_reference)) "Gas";
  Interfaces.InletVector dosing "Base";
equation
  connect(base, dosing.port);
  assert(impeller_diameter < tank_diameter,
    "impeller_diameter must be less than tank_diameter: make the impeller smaller or the tank wider.");
  V_safe = noEvent(max(V_broth, V_small));
  wetted = Vessels.availability(V_broth, V_small);
  // stirring
  P = noEvent(min(max(V_broth/V_reference, 0), 1))*n_impellers*power_number*rho*noEvent(max(stirrer_speed, 0))^3*impeller_diameter^5;
  power_per_volume = P/V_safe;
  tip_speed = pi*stirrer_speed*impeller_diameter;
  mixing_time = 5.9*tank_diameter^(2/3)*noEvent(max(power_per_volume/rho, 1e-9))^(-1/3)
    *(impeller_diameter/tank_diameter)^(-1/3);
  eddy_length = (nu^3/noEvent(max(dissipation_ratio*power_per_volume/rho, 1e-9)))^0.25;
  shear_indicator = d_cell/eddy_length;
  // gas
  gas_velocity = wetted*noEvent(max(gas_flow, 0))*R*temperature/p/(pi/4*tank_diameter^2);
  correlation.P_V = power_per_volume;
  correlation.v_s = gas_velocity;
  kLa = correlation.kLa;
  H_oxygen = GasTransfer.solubilityOfOxygen(temperature);
  H_carbon_dioxide = GasTransfer.solubilityOfCarbonDioxide(temperature);
  c_oxygen = n_oxygen/V_safe;
  oxygen = c_oxygen/(H_oxygen*oxygen_air*p_standard);
  oxygen_transfer_rate = GasTransfer.transferRate(kLa, H_oxygen*p*gas.y_oxygen, c_oxygen);
  der(n_oxygen) = V_broth*(oxygen_transfer_rate - oxygen_uptake_rate)
    + (V_in_flow + dosing.V_flow)*H_oxygen*oxygen_air*p_standard - V_out_flow*c_oxygen;
  c_carbon_dioxide = c_broth[Species.Carbonate.index]*Media.undissociatedCarbonate(pH);
  p_carbon_dioxide = c_carbon_dioxide/H_carbon_dioxide;
  stripping = -GasTransfer.transferRate(kLa_ratio*kLa, H_carbon_dioxide*p*gas.y_carbon_dioxide, c_carbon_dioxide);
  carbon_dioxide_strip_rate = stripping;
  made_by_gas = Species.vector(carbonate=noEvent(max(-stripping, 0)));
  consumed_by_gas = Species.vector(carbonate=noEvent(max(stripping, 0)));
  gas.gas_flow = noEvent(max(gas_flow, 0));
  gas.gas_oxygen = gas_oxygen;
  gas.gas_carbon_dioxide = gas_carbon_dioxide;
  gas.oxygen_flow = V_broth*oxygen_transfer_rate;
  gas.carbon_dioxide_flow = -V_broth*stripping;
  offgas_oxygen = gas.y_oxygen;
  offgas_carbon_dioxide = gas.y_carbon_dioxide;
  offgas_flow = noEvent(max(gas.outflow, 0));
  // heat
  wall = 4*V_broth/tank_diameter;
  heating = U*wall*(jacket_temperature - temperature) + V_broth*heat_per_oxygen*oxygen_uptake_rate + P;
  der(H) = heating + H_in_flow + Media.volumetricHeatCapacity*(dosing.V_flow*(dosing.T - T_reference)
    - V_out_flow*(temperature - T_reference));
  temperature = T_reference + H/(Media.volumetricHeatCapacity*V_safe);
  // broth
  pH = Media.pH(c_broth);
  annotation(Documentation(info="<html>
<p>What gassing, stirring, jacket and base add to a reactor, whatever grows in it. Controllers are separate. The reactor that
extends this says what flows, what the broth is made of, and what its cells take up of oxygen.</p>
<h4>Equations</h4>
<p>dN<sub>O2</sub>/dt = V (k<sub>L</sub>a (H p y &minus; C) &minus; q X C/(K + C)) + flows; carbon dioxide likewise, from
the share of total carbonic acid that is dissolved gas at the pH, which follows from the charge balance. dH/dt = U A
(T<sub>jacket</sub> &minus; T) + heat per oxygen &middot; uptake + P + flows, A = 4 V/D. P = n N<sub>p</sub> &rho;
N&sup3; D<sub>i</sub><sup>5</sup>; tip speed &pi; N D<sub>i</sub>; mixing time 5.9 D<sup>2/3</sup>
&epsilon;<sup>&minus;1/3</sup> (D<sub>i</sub>/D)<sup>&minus;1/3</sup>; smallest eddies
(&nu;&sup3;/&epsilon;<sub>max</sub>)<sup>1/4</sup>.</p>
<h4>Assumptions</h4>
<p>Broth and gas are each well mixed. Below the volume at inoculation the power falls with the volume. What flows in is saturated with air; additions have the temperature T. Carbon dioxide
that leaves with the gas or comes from it crosses the boundary of the flowsheet: it counts as out or in.</p>
<h4>Limitations</h4>
<p>The correlation of the transfer coefficient is far below its range. Dissociation is that at 25 degC. Gassing does not
lower the power. Shear is shown; cells do not suffer.</p>
<h4>Validation</h4>
<p>Tests: AeratedAtRest, ControlledCulture.</p>
<h4>References</h4>
<p>van 't Riet 1979, doi:10.1021/i260071a001. Mixing time: Nienow 1997, doi:10.1016/S0009-2509(97)00072-9. Heat: Cooney,
Wang and Mateles 1969, Biotechnology and Bioengineering 11:269. Solubilities: Sander 2015, doi:10.5194/acp-15-4399-2015.</p>
</html>"));
end PartialAeration;
