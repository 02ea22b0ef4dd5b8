within Modelica.Icons;
partial package SensorsPackage "Sensors"
end SensorsPackage;
