within Modelica.Icons;
partial package UtilitiesPackage "Utilities"
end UtilitiesPackage;
