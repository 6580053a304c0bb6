// The roles of limit.c with Node's streams, many clients at a time: node events.js ROLE PORT
const net = require("node:net");
const [role, port] = process.argv.slice(2);

function echo(client) {
  client.pipe(client);
}

function lines(client) {
  let part = "";
  client.setEncoding("latin1");
  client.on("data", (text) => {
    const split = (part + text).split("\n");
    part = split.pop();
    for (const line of split) client.write(line.toUpperCase() + "\n", "latin1");
  });
}

function exchange(client) {
  console.log(`Connection from ${client.remoteAddress}:${client.remotePort}`);
  client.once("data", (data) => {
    console.log(`received data: ${data}`);
    client.end("ok");
  });
}

const serve = { echo, lines, exchange }[role];
const server = net.createServer({ noDelay: true, allowHalfOpen: role === "echo" }, (client) => {
  client.on("error", () => client.destroy());
  serve(client);
});
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 1024 });
