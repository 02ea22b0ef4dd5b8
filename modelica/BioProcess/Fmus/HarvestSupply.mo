within BioProcess.Fmus;
block HarvestSupply "Clarified harvest of one composition, on demand"
  extends Feeds.Supply(T=293.15, c_supplied=Species.vector(
    glucose=harvest.glucose, glutamine=harvest.glutamine, lactate=harvest.lactate, ammonia=harvest.ammonia,
    carbonate=harvest.carbonate, mab=harvest.mab, mab_acidic=harvest.mab_acidic, mab_basic=harvest.mab_basic,
    mab_aggregate=harvest.mab_aggregate, hcp=harvest.hcp, dna=harvest.dna, sodium=harvest.sodium,
    chloride=harvest.chloride, phosphate=harvest.phosphate));
  parameter Data.ClarifiedHarvest harvest "Composition of the harvest";
  annotation(
    experiment(StopTime=3600, Interval=60),
    Documentation(info="<html>
<p>For studies of a downstream step alone. <code>outlet</code> meets the demand of its receiver, or <code>demand</code>. Its
temperature is that of the room: customary.</p>
</html>"));
end HarvestSupply;
