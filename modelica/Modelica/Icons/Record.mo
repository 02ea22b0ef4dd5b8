within Modelica.Icons;
partial record Record "A record"
end Record;
