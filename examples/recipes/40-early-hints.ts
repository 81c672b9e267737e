// 40. 103 with what the page will need, before the page is made.
import type { Check } from "./check.ts";
import { connect } from "node:http2";
import { App } from "sluice";

export const app = new App().get("/", async (c) => {
  c.earlyHints("</style.css>; rel=preload; as=style");
  return c.html("<link rel=stylesheet href=/style.css>");
});

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const session = connect(url);
  const request = session.request({ ":path": "/" });
  const hint = await new Promise<unknown[]>((resolve) => {
    request.on("headers", (headers) => resolve([headers[":status"], headers["link"]]));
  });
  session.destroy();
  equal(hint, [103, "</style.css>; rel=preload; as=style"]);
}
