within Modelica.Blocks;
package Interfaces "Connectors and partial blocks"
  extends Modelica.Icons.InterfacesPackage;
end Interfaces;
