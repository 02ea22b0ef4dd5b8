within BioProcess.Kinetics;
model HybridomaOverflow "Overflow metabolism of glucose and glutamine"
  extends PartialCellKinetics;
  parameter Data.AmribtNiuBogaerts2013 data "Published constants";
  parameter Units.SpecificMolarRate scale = 1.0/(1e12*3600)
    "One mmol/(1e9 h): turns the published minimum of a rate and a concentration into SI";
  Units.SpecificRate mu "Growth rate";
  Units.SpecificRate mu_d "Death rate";
protected
  Units.CellConcentration X "Viable cells";
  Units.Molarity G "Glucose";
  Units.Molarity Gn "Glutamine";
  Units.SpecificMolarRate q_G1 "Glucose uptake";
  Units.SpecificMolarRate q_G "Glucose oxidised";
  Units.SpecificMolarRate q_Gn1 "Glutamine uptake";
  Units.SpecificMolarRate q_Gn "Glutamine oxidised";
equation
  X = c[Species.CellsViable.index];
  G = c[Species.Glucose.index];
  Gn = c[Species.Glutamine.index];
  q_G1 = data.q_Gmax1*saturation(G, data.K_G)*saturation(Gn, data.K_Gn1);
  q_G = noEvent(min(q_G1, data.q_Gmax2));
  q_Gn1 = data.q_Gnmax1*saturation(Gn, data.K_Gn)*inhibition(c[Species.Ammonia.index], data.K_N);
  q_Gn = noEvent(min(q_Gn1, data.q_Gnmax2));
  mu = data.a*q_G + data.cc*q_Gn;
  mu_d = data.mu_dmax*inhibition(G, data.K_Gd)*inhibition(Gn, data.K_Gnd);
  made = Species.vector(cells_viable=mu*X, cells_dead=mu_d*X, lactate=(data.b*q_G + 2*(q_G1 - q_G) + 0.5*(q_Gn1 -
    q_Gn))*X, ammonia=(data.d*q_Gn + q_Gn1 - q_Gn)*X, mab=(data.alpha*mu + data.beta)*X);
  consumed = Species.vector(cells_viable=mu_d*X, glucose=(q_G1 + noEvent(min(data.m_G, scale*max(G, 0))))*X,
    glutamine=(q_Gn1 + noEvent(min(data.m_Gn, scale*max(Gn, 0))))*X);
  annotation(Documentation(info="<html>
<p>What is taken up beyond the capacity to oxidise overflows: glucose to lactate, glutamine to lactate and ammonia.</p>
<h4>References</h4>
<p>Amribt, Niu and Bogaerts 2013, Biochemical Engineering Journal 70:196.</p>
</html>"));
end HybridomaOverflow;
