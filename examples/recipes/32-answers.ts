// 32. What a handler may return.
import type { Check } from "./check.ts";
import { App, Reply } from "sluice";

export const app = new App()
  .get("/text", () => "text/plain")
  .get("/json", () => ({ or: ["a", "list"] }))
  .get("/nothing", () => undefined)
  .get("/bytes", () => new Uint8Array([104, 105]))
  .get("/status", (c) => c.json({ queued: true }, 202))
  .get("/html", (c) => c.html("<p>hi</p>"))
  .get("/response", () => new Response("a web Response", { status: 203 }))
  .get("/reply", () => new Reply("our own", 200));

export async function check({ ask, equal }: Check) {
  const seen = async (path: string) => {
    const { status, headers } = await ask(`GET ${path}`);
    return [status, headers.get("content-type")];
  };
  equal(await seen("/text"), [200, "text/plain; charset=utf-8"]);
  equal(await seen("/json"), [200, "application/json"]);
  equal(await seen("/nothing"), [204, null]);
  equal(await seen("/bytes"), [200, "application/octet-stream"]);
  equal(await seen("/status"), [202, "application/json"]);
  equal(await seen("/html"), [200, "text/html; charset=utf-8"]);
  equal((await seen("/response"))[0], 203);
  equal((await ask("GET /reply")).text, "our own");
}
