// 62. A list by pages, with Link headers to follow.
import type { Check } from "./check.ts";
import { App, pageLinks, pageOf } from "sluice";

const items = Array.from({ length: 95 }, (_, index) => index + 1);

export const app = new App().get("/items", (c) => {
  const page = pageOf(c.query, { size: 20, maxSize: 100 });
  c.headers.set("Link", pageLinks(c.exchange.target, page, items.length));
  return items.slice(page.offset, page.offset + page.size);
});

export async function check({ ask, equal }: Check) {
  const answer = await ask("GET /items?page=5");
  equal(answer.json, items.slice(80));
  equal(
    answer.headers.get("link"),
    `</items?page=1&size=20>; rel="first", </items?page=4&size=20>; rel="prev", </items?page=5&size=20>; rel="last"`,
  );
  equal((await ask("GET /items?page=0")).status, 400);
}
