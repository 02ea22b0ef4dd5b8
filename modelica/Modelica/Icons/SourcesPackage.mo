within Modelica.Icons;
partial package SourcesPackage "Sources"
end SourcesPackage;
