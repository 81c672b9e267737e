// An origin of node:http2, run on Node: `[folder of key and cert]` serves over TLS. Prints its port.
import { readFileSync } from "node:fs";
import { createSecureServer, createServer } from "node:http2";

const [folder] = process.argv.slice(2);
const server =
  folder === undefined
    ? createServer()
    : createSecureServer({
        cert: readFileSync(`${folder}/cert`),
        key: readFileSync(`${folder}/key`),
      });
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  switch (headers[":path"]) {
    case "/echo":
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7" }));
      stream.pipe(stream);
      break;
    case "/hints":
      stream.additionalHeaders({ ":status": 103, link: "</a.css>; rel=preload" });
      stream.respond({ ":status": 200, "content-length": 5 });
      stream.end("hello");
      break;
    case "/cut":
      stream.respond({ ":status": 200 });
      stream.write("hello");
      setTimeout(() => stream.destroy(new Error("cut")), 20);
      break;
    default:
      stream.respond({ ":status": 200, "x-te": headers.te ?? "" });
      stream.end(headers[":method"] === "HEAD" ? undefined : `${headers[":authority"]}`);
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
