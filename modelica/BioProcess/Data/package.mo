within BioProcess;
package Data "Parameter records, named after their source"
  extends Icons.Package;
end Data;
