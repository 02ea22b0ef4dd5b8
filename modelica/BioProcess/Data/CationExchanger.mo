within BioProcess.Data;
record CationExchanger "Strong cation exchanger that binds an antibody below pH 6"
  extends IonExchanger(
    Lambda=900, c_reference=500, pH_reference=5.2, k_transfer=1.5, k_des=1000,
    molar_mass={1, 148, 148, 148, 296, 60, 50, 1000, 50},
    K={0, 8e-3, 5e-3, 1.2e-2, 5e-3, 5e-3, 2e-2, 0, 1.5e-2},
    nu={0, 7, 6.6, 7.4, 9, 5, 4, 0, 8},
    nu_pH={0, -1, -1, -1, -1.3, -1, -1.2, 0, -1},
    sigma={0, 126, 126, 126, 250, 50, 40, 0, 126});
  annotation(Documentation(info="<html>
<p>All calibrated, to what polishing by cation exchange does: 60 g of antibody per litre of bed, eluted between
0.1 and 0.2 mol/L of sodium at pH 5.2, acidic variants first, then the main one, basic ones, aggregates. Protein A leaves bound
to antibody, and DNA is not held back by the resin but by the wash.</p>
</html>"));
end CationExchanger;
