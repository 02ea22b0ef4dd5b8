within Modelica.Icons;
partial package TypesPackage "Types"
end TypesPackage;
