within BioProcess.Chromatography;
model GeneralRateColumn "Column of porous particles with a film around them and diffusion inside"
  extends PartialColumn;
  parameter Integer n_radial(min=1, max=6) = 4
    "Points of collocation in a particle: numerical, 1 is the lumped-pore model, without a gradient inside";
  parameter Units.Fraction porosity_particle "Share of a particle that is liquid";
  parameter Units.Length radius "Radius of the particles";
  parameter Units.Velocity k_film[n_solutes] "Transfer through the film";
  parameter Units.Diffusivity D_pore[n_solutes] "Diffusion in the pores";
  parameter Units.Fraction access[n_solutes] = ones(n_solutes)
    "Share of the pores that is open to each solute: below 1 for size exclusion";
  replaceable Isotherms.Linear isotherm constrainedby Isotherms.PartialIsotherm "Binding";
  Real m_particle[n_cells, n_solutes] "Amounts in the particles of each cell";
protected
  final parameter Integer n_points = n_cells*n_radial "Points of collocation in all cells";
  final parameter Units.Volume V_particle = (1 - porosity)*bed_volume/n_cells "Particles of a cell";
  final parameter Units.Volume V_pore = porosity_particle*V_particle "Liquid in the particles of a cell";
  final parameter Units.Volume V_solid = (1 - porosity_particle)*V_particle "Solid in the particles of a cell";
  final parameter Integer w_first = div(n_radial*(n_radial - 1), 2) "Place of the weights before the first";
  final parameter Integer g_first = div((n_radial - 1)*n_radial*(2*n_radial - 1), 6) "Place of the exchange before the first";
  final parameter Real exchange[n_radial, n_radial] = pointExchange(n_radial) "Exchange between points over D/R2";
  Real m_pore[n_points, n_solutes](
    start=pointProfile(n_cells, n_radial, n_solutes, V_pore*(access.*c_start)), each fixed=true, each nominal=c_nominal*V_pore/n_radial) "Amounts in the pores";
  Real m_bound[n_points, n_solutes](
    start=pointProfile(n_cells, n_radial, n_solutes, V_solid*q_start), each fixed=true, each nominal=q_nominal*V_solid/n_radial) "Amounts bound";
  Real c_pore[n_points, n_solutes] "Concentrations in the pores [amount/m3]";
  Real inward[n_points, n_solutes] "What comes from the other points of the particle [amount/s]";
  Real binding[n_points, n_solutes] "What binds [amount/s]";
equation
  for i in 1:n_cells loop
    for k in 1:n_solutes loop
      m_particle[i, k] = sum(m_pore[(i - 1)*n_radial + 1:i*n_radial, k]) + sum(m_bound[(i - 1)*n_radial + 1:i*n_radial, k]);
      uptake[i, k] = 3*V_particle/radius*k_film[k]*(c[i, k] - c_pore[i*n_radial, k]);
    end for;
  end for;
  for i in 1:n_cells loop
    for j in 1:n_radial loop
      for k in 1:n_solutes loop
        c_pore[(i - 1)*n_radial + j, k] = m_pore[(i - 1)*n_radial + j, k]/(Collocation.weights[w_first + j]*V_pore*access[k]);
        inward[(i - 1)*n_radial + j, k] = V_pore*access[k]*D_pore[k]/radius^2*(exchange[j, :]*c_pore[(i - 1)*n_radial + 1:i*n_radial, k]);
        isotherm.c[(i - 1)*n_radial + j, k] = c_pore[(i - 1)*n_radial + j, k];
        isotherm.q[(i - 1)*n_radial + j, k] = m_bound[(i - 1)*n_radial + j, k]/(Collocation.weights[w_first + j]*V_solid);
        binding[(i - 1)*n_radial + j, k] = Collocation.weights[w_first + j]*V_solid*isotherm.r[(i - 1)*n_radial + j, k];
        der(m_pore[(i - 1)*n_radial + j, k]) = inward[(i - 1)*n_radial + j, k] - binding[(i - 1)*n_radial + j, k]
          + (if j == n_radial then uptake[i, k] else 0);
        der(m_bound[(i - 1)*n_radial + j, k]) = binding[(i - 1)*n_radial + j, k];
      end for;
    end for;
  end for;
  for k in 1:n_solutes loop
    held[k] = sum(m[:, k]) + sum(m_pore[:, k]) + sum(m_bound[:, k]);
  end for;
  annotation(Documentation(info="<html>
<p>The general rate model. With one point in a particle it is the lumped-pore model.</p>
<h4>Equations</h4>
<p>Uptake 3 (1 &minus; &epsilon;)/R k<sub>film</sub> (c &minus; c<sub>pore</sub>(R)); in the pores &epsilon;<sub>p</sub>
&part;c<sub>pore</sub>/&part;t + (1 &minus; &epsilon;<sub>p</sub>) &part;q/&part;t = &epsilon;<sub>p</sub> D<sub>pore</sub>
r<sup>&minus;2</sup> &part;/&part;r (r<sup>2</sup> &part;c<sub>pore</sub>/&part;r).</p>
<p>Each particle is a polynomial in r<sup>2</sup> through Radau's points, the last of which is the surface; Galerkin's
method then gives each point a share of the volume and each two points an exchange
(<a href=\"modelica://BioProcess.Chromatography.Collocation\">Collocation</a>), so that amounts are conserved.</p>
<h4>Assumptions</h4>
<p>All particles are equal spheres. Solutes do not diffuse on the surface.</p>
<h4>Limitations</h4>
<p>A front in a particle that is sharper than its points resolve can undershoot between them.</p>
<h4>Validation</h4>
<p>Tests: GeneralRatePulse, SizeExclusion.</p>
</html>"));
end GeneralRateColumn;
