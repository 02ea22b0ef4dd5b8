within BioProcess.Chromatography.Isotherms;
model NoBinding "Nothing binds: size exclusion, tracers, flow through inert packing"
  extends PartialIsotherm;
equation
  for i in 1:n_points loop
    for k in 1:n_solutes loop
      r[i, k] = 0;
    end for;
  end for;
end NoBinding;
