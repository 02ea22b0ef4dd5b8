within Modelica;
package Units "Units"
  extends Icons.Package;
end Units;
