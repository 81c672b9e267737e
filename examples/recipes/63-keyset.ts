// 63. A list by cursors: steady while items come and go, and fast to the end.
import type { Check } from "./check.ts";
import { App, cursorLinks, decodeCursor, encodeCursor, parseLinks } from "sluice";

const posts = Array.from({ length: 5 }, (_, index) => ({ id: index + 1, title: `post ${index}` }));

export const app = new App().get("/posts", (c) => {
  const { cursor } = c.query;
  const [after] = typeof cursor === "string" ? decodeCursor(cursor, ["number"]) : [0];
  const found = posts.filter(({ id }) => id > Number(after)).slice(0, 3); // one more than shown
  const shown = found.slice(0, 2);
  const next = found.length > 2 ? encodeCursor([shown.at(-1)?.id ?? 0]) : null;
  const links = cursorLinks(c.exchange.target, { next });
  if (links !== "") c.headers.set("Link", links);
  return shown.map(({ id }) => id);
});

export async function check({ ask, equal }: Check) {
  const seen: number[] = [];
  let next: string | undefined = "/posts";
  while (next !== undefined) {
    const { json, headers } = await ask(`GET ${next}`);
    seen.push(...json);
    next = parseLinks(headers.get("link") ?? "").find(({ rels }) => rels.includes("next"))?.href;
  }
  equal(seen, [1, 2, 3, 4, 5]);
  equal((await ask("GET /posts?cursor=made-up")).json.code, "bad_cursor");
}
