// Our transport without the framework: what an App costs is what lies above this.
import { HeaderList, readAll, Reply } from "../../../src/index.ts";
import type { Application, Exchange } from "../../../src/index.ts";
import { serve } from "../../../src/server/index.ts";
import { greeting, hello, report } from "./work.ts";

const text = new HeaderList(["Content-Type", "text/plain; charset=utf-8"]).freeze();
const type = new HeaderList(["Content-Type", "application/json"]).freeze();
const json = (value: unknown) => new Reply(JSON.stringify(value), 200, type);

async function create({ body }: Exchange): Promise<Reply> {
  if (body === null) return new Reply(null, 400);
  const value: object = JSON.parse(new TextDecoder().decode(await readAll(body)));
  return json({ id: 1, ...value });
}

function layered(): Reply {
  const headers = text.clone();
  for (const name of ["x-a", "x-b", "x-c", "x-d", "x-e"]) headers.set(name, "1");
  return new Reply(hello(), 200, headers);
}

const app: Application = {
  handle(exchange) {
    const { path } = exchange;
    if (path === "/hello") return new Reply(hello(), 200, text);
    if (path === "/json") return json(greeting());
    if (path === "/big") return json(report());
    if (path === "/layers") return layered();
    if (path === "/users") return create(exchange);
    return json({ id: path.slice("/users/".length) });
  },
};

await serve(app, { port: Number(process.argv[2]), http2: false });
