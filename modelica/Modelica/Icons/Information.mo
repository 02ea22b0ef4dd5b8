within Modelica.Icons;
partial package Information "A page to read"
end Information;
