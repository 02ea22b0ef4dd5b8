within BioProcess.UsersGuide;
package References "Sources"
  extends Icons.Information;
  annotation(Documentation(info="<html>
<ul>
<li>Ambler 1959, Journal of Biochemical and Microbiological Technology and Engineering 1:185: settling area of disk stacks.</li>
<li>Amribt, Niu and Bogaerts 2013, Biochemical Engineering Journal 70:196: overflow metabolism of hybridomas.</li>
<li>Baranyi and Roberts 1994, doi:10.1016/0168-1605(94)90157-0: lag of growth.</li>
<li>Boychyn et al. 2004, Bioprocess and Biosystems Engineering 26:385: working share of the settling area.</li>
<li>Brooks and Cramer 1992, AIChE Journal 38:1969: steric mass action.</li>
<li>CRC Handbook of Chemistry and Physics: dissociation constants, limiting ionic conductivities, water.</li>
<li>Del Val, Nagy and Kontoravdi 2011, Biotechnology Progress 27:1730: glycosylation in the Golgi.</li>
<li>Ghose et al. 2007, Biotechnology and Bioengineering 96:768: antibody on Protein A, pH dependence.</li>
<li>Glueckauf 1955, doi:10.1039/TF9555101540: linear driving force.</li>
<li>Gray, Dunnill and Lilly 1972, in Terui, Fermentation Technology Today; Hetherington, Follows, Dunnill and Lilly 1971,
Trans. Inst. Chem. Eng. 49:142: disruption of cells.</li>
<li>Jiang and Shu 1996, doi:10.1006/jcph.1996.0130; Liu, Osher and Chan 1994, doi:10.1006/jcph.1994.1187: WENO schemes.</li>
<li>Kornecki and Strube 2018, doi:10.3390/bioengineering5010025: growth of CHO cells.</li>
<li>Mannweiler and Hoare 1992, Bioprocess Engineering 8:19: grade efficiency of centrifuges.</li>
<li>Monod 1949, doi:10.1146/annurev.mi.03.100149.002103.</li>
<li>Pace et al. 1995, doi:10.1002/pro.5560041120: absorptivity of proteins.</li>
<li>Spekreijse 1987, Mathematics of Computation 49:135: monotone schemes.</li>
<li>Thomas 1944, Journal of the American Chemical Society 66:1664: breakthrough with kinetic binding.</li>
<li>van 't Riet 1979, doi:10.1021/i260071a001: transfer coefficient of oxygen.</li>
<li>Xu, Jahic and Enfors 1999, doi:10.1021/bp9801087: overflow metabolism of Escherichia coli.</li>
<li>Villadsen and Stewart 1967, Chemical Engineering Science 22:1483: collocation.</li>
</ul>
</html>"));
end References;
