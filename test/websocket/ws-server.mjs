// An echo server of the `ws` package, on Node. Prints its port.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => [...offered].at(-1) ?? false,
});
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => {
    if (data.toString() === "close") socket.close(4002, "as you wish");
    else socket.send(data, { binary: isBinary });
  });
});
