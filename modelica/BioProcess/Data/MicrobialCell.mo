within BioProcess.Data;
record MicrobialCell "What a microbial cell leaves behind when it breaks, of its dry mass"
  parameter Units.Fraction hcp(min=0, max=0.5) = 0.3 "Soluble host cell protein: calibrated, of 0.55 of protein in all, Neidhardt 1987";
  parameter Units.Fraction dna(min=0, max=0.1) = 0.031 "DNA: Neidhardt 1987";
  parameter Units.Fraction debris(min=0.05, max=0.6) = 0.5 "Envelopes and what stays with them: calibrated";
  annotation(Documentation(info="<html>
<p>Escherichia coli. Neidhardt et al. 1987, Escherichia coli and Salmonella typhimurium: a dry mass of 0.55 protein, 0.205
RNA, 0.031 DNA. What dissolves of the protein and what stays as debris: calibrated.</p>
</html>"));
end MicrobialCell;
