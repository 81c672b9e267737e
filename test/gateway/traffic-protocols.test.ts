// What is shared out and copied is passed on as by a proxy: WebSockets, HTTP/2, trailers, informational replies.
import { connect } from "node:http2";
import { expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { serve } from "../../src/server/serve.ts";
import { startGateway } from "../support/gateway.ts";

const action = {
  split: `type = "split"
choices = [{ upstream = "one", weight = 1 }, { upstream = "two", weight = 0 }]
sticky = { cookie = "side" }`,
  mirror: `type = "mirror"
upstream = "one"
copy_to = "two"`,
};

/** Answers, and counts what it was asked. */
function backend() {
  const asked: string[] = [];
  const app = new App()
    .ws("/ws", {
      open: () => void asked.push("WebSocket"),
      message: (ws, text) => void ws.send(`echo ${String(text)}`),
    })
    .post("/trailers", async (c) => {
      asked.push("POST");
      const body = await c.text();
      c.trailers.set("x-checksum", String(body.length));
      return c.stream(
        (async function* () {
          yield body;
        })(),
        "text/plain",
      );
    })
    .get("/hints", (c) => {
      asked.push("GET");
      c.exchange.push("/style.css");
      return "with hints";
    });
  return { app, asked };
}

for (const [name, settings] of Object.entries(action)) {
  test(name, async () => {
    const [one, two] = [backend(), backend()];
    const servers = await Promise.all(
      [one, two].map(({ app }) => serve(app, { host: "127.0.0.1", port: 0 })),
    );
    const [first, second] = servers.map(({ port }) => `h2://127.0.0.1:${port}`);
    await using gateway = await startGateway(`
[[upstream]]
name = "one"
backends = ["${first}"]
[[upstream]]
name = "two"
backends = ["${second}"]
[[route]]
[route.action]
${settings}
`);
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`);
    const said = await new Promise<string>((resolve, reject) => {
      socket.addEventListener("open", () => socket.send("hello"));
      socket.addEventListener("message", ({ data }) => resolve(String(data)));
      socket.addEventListener("error", () => reject(new Error("no WebSocket")));
    });
    expect(said).toBe("echo hello");
    socket.close();

    const client = connect(`http://127.0.0.1:${gateway.port}`);
    const stream = client.request({ ":method": "POST", ":path": "/trailers", te: "trailers" });
    const trailers = new Promise<Record<string, unknown>>((resolve) => {
      stream.on("trailers", (fields) => resolve(fields));
    });
    stream.end("a".repeat(20_000));
    let length = 0;
    for await (const chunk of stream) length += (chunk as Buffer).byteLength;
    expect(length).toBe(20_000);
    expect((await trailers)["x-checksum"]).toBe("20000");

    const hints = client.request({ ":path": "/hints" });
    const informed = new Promise<number>((resolve) => {
      hints.on("headers", (fields) => resolve(Number(fields[":status"])));
    });
    expect(await informed).toBe(103);
    hints.resume();
    await new Promise((resolve) => hints.on("end", resolve));
    client.close();

    expect(one.asked).toEqual(["WebSocket", "POST", "GET"]);
    // WebSockets are not copied, and a side without weight is not asked.
    while (name === "mirror" && two.asked.length < 2) await Bun.sleep(5);
    expect(two.asked.toSorted()).toEqual(name === "mirror" ? ["GET", "POST"] : []);
    await Promise.all(servers.map((server) => server.close()));
  });
}
