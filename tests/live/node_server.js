// A server of node-opcua that counts and takes orders, lines of JSON on its standard input:
// node node_server.js '{"n": 20, "every": 0.1, "limit": 0, "history": true, "password": null}'
// "setPoints": {"SP": {"type": "Float", "value": 1, "low": 0, "high": 5, "is": "refused" | "ignored" | "late" | "locked"}}
const { OPCUAServer } = require("node-opcua-server");
const { DataType, Variant } = require("node-opcua-variant");
const { StatusCodes } = require("node-opcua-status-code");
const { SecurityPolicy } = require("node-opcua-secure-channel");
const { MessageSecurityMode } = require("node-opcua-types");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const options = JSON.parse(process.argv[2]);
const state = { on: true, password: options.password, offset: 0 };
const RealDate = Date; // the clock of the whole process can be off
globalThis.Date = class extends RealDate {
  constructor(...given) { given.length ? super(...given) : super(RealDate.now() + state.offset); }
  static now() { return RealDate.now() + state.offset; }
};

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
    userManager: { isValidUser: (user, password) => user === "ada" && password === state.password },
    securityPolicies: options.password ? [SecurityPolicy.Basic256Sha256] : [SecurityPolicy.None],
    securityModes: options.password ? [MessageSecurityMode.SignAndEncrypt] : [MessageSecurityMode.None],
    serverCapabilities: { operationLimits: limits },
    buildInfo: { productName: "counters" },
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const own = space.registerNamespace("urn:test");
  const nodes = {}, kinds = {}, counts = {};
  const write = (name) => {
    counts[name] += 1;
    const value = kinds[name] === DataType.String ? String(counts[name]) : counts[name];
    nodes[name].setValueFromSource({ dataType: kinds[name], value }, StatusCodes.Good, new Date());
  };
  const add = (name, dataType) => {
    kinds[name] = dataType;
    counts[name] ??= 0;
    nodes[name] = own.addVariable({
      organizedBy: space.rootFolder.objects, browseName: name, nodeId: `s=${name}`, dataType: DataType[dataType],
      minimumSamplingInterval: 0,
    });
    write(name);
    if (options.history ?? true) space.installHistoricalDataNode(nodes[name], { maxOnlineValues: 100000 });
  };
  for (let k = 0; k < options.n; k++) add(`T${k}`, DataType.Double);
  const shown = {}, written = {};
  for (const [name, { type, value, low, high, is }] of Object.entries(options.setPoints ?? {})) {
    shown[name] = value;
    written[name] = [];
    own.addVariable({
      organizedBy: space.rootFolder.objects, browseName: name, nodeId: `s=${name}`, dataType: type,
      minimumSamplingInterval: 50,
      accessLevel: is === "locked" ? "CurrentRead" : "CurrentRead | CurrentWrite",
      value: {
        get: () => new Variant({ dataType: DataType[type], value: shown[name] }),
        set: (variant) => {
          if (is === "refused") return StatusCodes.BadTypeMismatch;
          if (variant.value < low || variant.value > high) return StatusCodes.BadOutOfRange;
          written[name].push([DataType[variant.dataType], variant.value]);
          if (is === "late") setTimeout(() => { shown[name] = variant.value; }, 700);
          else if (is !== "ignored") shown[name] = variant.value;
          return StatusCodes.Good;
        },
      },
    });
  }
  await server.start();
  const port = server.endpoints[0].port || options.port;
  process.stdout.write("\n@" + JSON.stringify(port) + "\n");
  setInterval(() => { if (state.on) Object.keys(nodes).forEach(write); }, options.every * 1000);
  const orders = {
    "stop counting": () => { state.on = false; },
    count: () => { state.on = true; },
    password: ({ password }) => { state.password = password; },
    offset: ({ offset }) => { state.offset = 1000 * offset; },
    "drop sessions": () => server.endpoints.forEach((endpoint) => endpoint.abruptlyInterruptChannels()),
    written: () => written,
    set: ({ tag, value }) => { shown[tag] = value; },
    remove: ({ tag }) => { space.deleteNode(nodes[tag]); delete nodes[tag]; },
    retype: ({ tag }) => { space.deleteNode(nodes[tag]); add(tag, DataType.String); },
  };
  let text = "";
  process.stdin.on("data", (data) => {
    text += data;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const order = JSON.parse(text.slice(0, end));
      const told = orders[order.do](order);
      text = text.slice(end + 1);
      process.stdout.write("\n@" + JSON.stringify(told ?? counts) + "\n");
    }
  });
  process.stdin.on("end", () => process.exit(0));
}

main();
