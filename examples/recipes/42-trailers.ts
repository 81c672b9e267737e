// 42. Fields behind the body, known only when it has ended.
import type { Check } from "./check.ts";
import { connect } from "node:http2";
import { App } from "sluice";

export const app = new App().get("/rows", (c) => {
  const { trailers } = c; // before the handler returns
  async function* rows() {
    let count = 0;
    for (const row of ["a", "b", "c"]) {
      count++;
      yield row;
    }
    trailers.set("X-Row-Count", String(count));
  }
  return c.stream(rows(), "text/plain");
});

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const session = connect(url);
  const request = session.request({ ":path": "/rows" });
  const trailers = new Promise<unknown>((resolve) => {
    request.on("trailers", (fields) => resolve(fields["x-row-count"]));
  });
  request.resume();
  equal(await trailers, "3");
  session.destroy();
}
