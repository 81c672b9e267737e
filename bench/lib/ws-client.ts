// bun ws-client.ts URL CONNECTIONS SECONDS: sends a message of 64 bytes on each as soon as the last one is back.
import type { Load } from "./load.ts";

const [url = "", connections, seconds] = process.argv.slice(2);
const message = "x".repeat(64);
let requests = 0;
let errors = 0;
const open = (): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    socket.onopen = () => resolve(socket);
    socket.onerror = () => reject(new Error(`no WebSocket at ${url}`));
  });
const sockets = await Promise.all(Array.from({ length: Number(connections) }, open));
const started = performance.now();
for (const socket of sockets) {
  socket.onmessage = () => {
    requests++;
    socket.send(message);
  };
  socket.onclose = () => errors++;
  socket.send(message);
}
await Bun.sleep(Number(seconds) * 1000);
const load: Load = {
  requests,
  perSecond: requests / ((performance.now() - started) / 1000),
  errors,
};
process.stdout.write(JSON.stringify(load));
process.exit(0);
