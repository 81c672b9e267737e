// Speaks to an echo server with the `ws` package, on Node: Bun would put its own client in its place.
// Prints a line of JSON; the test says what it must be.
import { WebSocket } from "ws";

const [, , url, count, compress] = process.argv;
const total = Number(count);
const socket = new WebSocket(url, ["soap", "chat"], {
  perMessageDeflate: compress === "true" ? { threshold: 0 } : false,
});
const seen = { extensions: "", protocol: "", wrong: 0, echoed: 0, pong: "", code: 0, reason: "" };

const lengths = [0, 1, 125, 126, 127, 1_023, 1_024, 5_000, 65_535, 65_536, 100_000];
const texts = lengths.map((length) => "é€𝄞".repeat(length / 9));
const blobs = lengths.map((length) => Buffer.from(Array.from({ length }, (_, at) => at * 7)));

/** Messages of every kind and of lengths around the borders of a frame's head. */
function message(i) {
  const kind = i % lengths.length;
  return i % 2 === 0 ? `${i} ${texts[kind]}` : blobs[kind];
}

socket.on("open", () => {
  seen.extensions = socket.extensions;
  seen.protocol = socket.protocol;
  for (let i = 0; i < total; i++) socket.send(message(i));
  // Fragments of one message, a ping between them.
  socket.send("frag", { fin: false });
  socket.ping("between");
  socket.send("ments", { fin: true });
});
socket.on("pong", (data) => (seen.pong = data.toString()));
socket.on("message", (data, isBinary) => {
  const expected = seen.echoed === total ? "fragments" : message(seen.echoed);
  const same = isBinary
    ? Buffer.isBuffer(expected) && expected.equals(data)
    : data.toString() === expected;
  if (!same) seen.wrong++;
  if (seen.echoed++ === total) socket.close(4321, "thanks");
});
socket.on("close", (code, reason) => {
  seen.code = code;
  seen.reason = reason.toString();
  console.log(JSON.stringify(seen));
});
socket.on("error", (error) => {
  console.log(JSON.stringify({ error: error.message }));
  process.exit(1);
});
