// A process of its own, so that its memory and CPU are not the bench's: opens connections, makes one request on
// each, prints "ready", and holds them until its standard input ends. Arguments: port, "tls" or "plain", count.
const [port = "", transport, count = "0"] = process.argv.slice(2);
const wanted = Number(count);
/** Handshakes under way at once: fewer than any server's backlog. */
const AT_ONCE = 64;

const request = "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const held: unknown[] = [];

function open(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  Bun.connect({
    hostname: "127.0.0.1",
    port: Number(port),
    ...(transport === "tls" && { tls: { rejectUnauthorized: false } }),
    socket: {
      open: (socket) => void (transport === "plain" && socket.write(request)),
      handshake: (socket) => void socket.write(request),
      data: () => resolve(),
      close: () => reject(new Error(`the server closed a connection; ${held.length} were open`)),
      connectError: (_socket, error) => reject(error),
    },
  }).then((socket) => held.push(socket), reject);
  return promise;
}

let started = 0;
async function worker(): Promise<void> {
  while (started++ < wanted) await open();
}

await Promise.all(Array.from({ length: AT_ONCE }, worker));
console.log("ready");
await new Response(Bun.stdin.stream()).text();
process.exit(0);
