within BioProcess.Species;
package AminoAcids "Other amino acids, as one mean amino acid"
  extends PartialSpecies(
    index=8,
    basis="mol",
    molar_mass=0.12914,
    carbon=4.94,
    nitrogen=1.36,
    charge=0,
    location="liquid"
  );
  annotation(Documentation(info="<html>
<p>Mean residue of proteins, C4.94 H7.76 N1.36 O1.48 S0.04, 111.125 g/mol, Senko et al. 1995,
doi:10.1016/1044-0305(95)00017-8, plus water.</p>
</html>"));
end AminoAcids;
