// 37. One file, with validators and ranges.
import type { Check } from "./check.ts";
import { App } from "sluice";
import { file } from "sluice/files";

const root = `${import.meta.dirname}/../site`;

export const app = new App()
  .get("/data", (c) => file(c, `${root}/levels.csv`, { download: "levels of 2026.csv" }))
  // A name from outside: `root` is where it must stay.
  .get("/files/*name", (c) => file(c, c.params.name, { root }));

export async function check({ ask, equal }: Check) {
  const part = await ask("GET /data", { headers: { range: "bytes=0-3" } });
  equal([part.status, part.text], [206, "date"]);
  const { headers } = await ask("GET /files/style.css");
  const again = { headers: { "if-none-match": headers.get("etag") ?? "" } };
  equal((await ask("GET /files/style.css", again)).status, 304);
  equal((await ask("GET /files/..%2Fdownloads.toml")).status >= 400, true);
}
