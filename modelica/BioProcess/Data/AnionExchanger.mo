within BioProcess.Data;
record AnionExchanger "Strong anion exchanger through which an antibody flows"
  extends IonExchanger(
    Lambda=1000, c_reference=500, pH_reference=7.5, k_transfer=0.5, k_des=1000,
    molar_mass={1, 148, 148, 148, 296, 60, 50, 1000, 50},
    K={0, 0.6, 0.78, 0.48, 0.6, 1, 1.1, 100, 5},
    nu={0, 1.5, 1.7, 1.3, 3, 3, 4, 10, 5},
    nu_pH={0, 0.7, 0.8, 0.6, 1, 1, 1, 0, 1},
    sigma={0, 126, 126, 126, 250, 50, 40, 500, 40});
  annotation(Documentation(info="<html>
<p>All calibrated, to what polishing by anion exchange does: DNA, Protein A and most host cell protein bind at pH 7.5 and
0.1 to 0.2 mol/L of salt; a part of the aggregates does, and hardly any antibody.</p>
</html>"));
end AnionExchanger;
