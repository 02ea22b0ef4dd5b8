// A server of node-opcua that counts: node node_server.js '{"n": 20, "every": 0.1, "limit": 0, "password": null}'
const { OPCUAServer } = require("node-opcua-server");
const { DataType } = require("node-opcua-variant");
const { StatusCodes } = require("node-opcua-status-code");
const { SecurityPolicy } = require("node-opcua-secure-channel");
const { MessageSecurityMode } = require("node-opcua-types");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const options = JSON.parse(process.argv[2]);

async function main() {
  const limits = options.limit
    ? { maxNodesPerRead: options.limit, maxNodesPerHistoryReadData: options.limit, maxMonitoredItemsPerCall: options.limit }
    : {};
  const manager = new OPCUACertificateManager({ automaticallyAcceptUnknownCertificate: true, rootFolder: options.folder });
  const server = new OPCUAServer({
    port: options.port || 0,
    hostname: "127.0.0.1",
    resourcePath: "/test",
    serverCertificateManager: manager,
    allowAnonymous: !options.password,
    userManager: { isValidUser: (user, password) => user === "ada" && password === options.password },
    securityPolicies: options.password ? [SecurityPolicy.Basic256Sha256] : [SecurityPolicy.None],
    securityModes: options.password ? [MessageSecurityMode.SignAndEncrypt] : [MessageSecurityMode.None],
    serverCapabilities: { operationLimits: limits },
    buildInfo: { productName: "counters" },
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const own = space.registerNamespace("urn:test");
  const nodes = [];
  for (let k = 0; k < options.n; k++) {
    const node = own.addVariable({
      organizedBy: space.rootFolder.objects, browseName: `T${k}`, nodeId: `s=T${k}`, dataType: "Double", minimumSamplingInterval: 0,
    });
    node.setValueFromSource({ dataType: DataType.Double, value: 1 }, StatusCodes.Good, new Date());
    space.installHistoricalDataNode(node, { maxOnlineValues: 100000 });
    nodes.push(node);
  }
  await server.start();
  const port = server.endpoints[0].port || options.port;
  process.stdout.write("\n@" + JSON.stringify(port) + "\n");
  let count = 1, on = true;
  setInterval(() => {
    if (!on) return;
    count += 1;
    const now = new Date();
    for (const node of nodes) node.setValueFromSource({ dataType: DataType.Double, value: count }, StatusCodes.Good, now);
  }, options.every * 1000);
  let text = "";
  process.stdin.on("data", (data) => {
    text += data;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      on = JSON.parse(text.slice(0, end)).do !== "stop counting";
      text = text.slice(end + 1);
      process.stdout.write("\n@" + JSON.stringify(Object.fromEntries(nodes.map((_, k) => [`T${k}`, count]))) + "\n");
    }
  });
  process.stdin.on("end", () => process.exit(0));
}

main();
