// 99. An App on Node's own server, by its fetch function.
import type { Check } from "./check.ts";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { App } from "sluice";

export const app = new App().post(
  "/echo/:name",
  async (c) => `${c.params.name}: ${await c.text()}`,
);

/** A body of a request that streams needs `duplex`; one without a body must have none. */
export const server = createServer(async (incoming, outgoing) => {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? { body: incoming as never, duplex: "half" } : {};
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: headers as Record<string, string>,
    ...body,
  });
  const answer = await app.fetch(request);
  outgoing.statusCode = answer.status;
  for (const [name, value] of answer.headers) outgoing.appendHeader(name, value);
  await pipeline(answer.body ?? [], outgoing);
});

export async function check({ equal }: Check) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/echo/ada`;
  equal(await (await fetch(url, { method: "POST", body: "hi" })).text(), "ada: hi");
  server.close();
}
