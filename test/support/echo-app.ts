import { App } from "../../src/core/app.ts";
import type { Exchange } from "../../src/core/exchange.ts";
import { Reply } from "../../src/core/reply.ts";
import { readAll, sourceFrom } from "../../src/wire/source.ts";
import { HeaderList } from "../../src/http/header-list.ts";

/** Answers with what it was asked, as JSON, so that a test sees how a request was understood. */
export function echoApp(): App {
  return new App()
    .get("/slow", async (c) => {
      await Bun.sleep(30);
      return describe(c.exchange, null);
    })
    .all("/unread", (c) => describe(c.exchange, null))
    .get("/204", () => new Reply(null, 204))
    .get("/304", () => new Reply("ignored", 304))
    .get("/stream", () => new Reply(sourceFrom(["stre", "", "am"])))
    .get("/sized", () => new Reply(sourceFrom(["str", "eam"], 6)))
    .get("/short", () => new Reply(sourceFrom(["str"], 6)))
    .get("/overlong", () => new Reply(sourceFrom(["stream"], 3)))
    .get("/broken", () => new Reply(sourceFrom(failing())))
    .get("/throws", () => {
      throw new Error("secret");
    })
    .get("/trailers", () => {
      const reply = new Reply(sourceFrom(["a"]));
      reply.trailers = new HeaderList(["X-Sum", "42"]);
      return reply;
    })
    .get("/hints", (c) => {
      c.exchange.push("/style.css");
      return describe(c.exchange, null);
    })
    .get("/upgrade", (c) => {
      const tunnel = c.exchange.takeover(101, new HeaderList(["Upgrade", "echo"]));
      void (async () => {
        for (let chunk = await tunnel.pull(); chunk !== null; chunk = await tunnel.pull()) {
          tunnel.write(chunk);
        }
        tunnel.end();
      })().catch(() => {});
      return Reply.TAKEN;
    })
    .add({ path: "/*", handler: (c) => echo(c.exchange) })
    .fallback((c) => echo(c.exchange));
}

async function* failing(): AsyncGenerator<string> {
  yield "begun";
  throw new Error("broken in the middle");
}

async function echo(exchange: Exchange): Promise<Reply> {
  if (exchange.body === null) return describe(exchange, null);
  const body = await readAll(exchange.body);
  return describe(exchange, new TextDecoder().decode(body));
}

function describe(exchange: Exchange, body: string | null): Reply {
  const { method, authority, target, path, query, protocol } = exchange;
  const fields = exchange.headers.flat;
  const trailers = exchange.body?.trailers?.flat ?? [];
  const seen = { protocol, method, authority, target, path, query, fields, body, trailers };
  return new Reply(JSON.stringify(seen), 200, new HeaderList(["Content-Type", "application/json"]));
}
