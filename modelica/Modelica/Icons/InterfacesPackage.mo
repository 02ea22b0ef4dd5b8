within Modelica.Icons;
partial package InterfacesPackage "Connectors"
end InterfacesPackage;
