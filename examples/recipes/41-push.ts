// 41. Pushes what a page needs, or hints at it, whichever the client takes.
import type { Check } from "./check.ts";
import { connect } from "node:http2";
import { App } from "sluice";

export const app = new App()
  .get("/", (c) => `by ${c.push("/style.css")}`)
  .get("/style.css", () => "body { margin: 0 }");

export async function check({ serve, equal }: Check) {
  const { url } = await serve();
  const ask = async (enablePush: boolean) => {
    const session = connect(url, { settings: { enablePush } });
    session.on("stream", (pushed) => pushed.resume());
    await new Promise((resolve) => session.once("remoteSettings", resolve));
    const request = session.request({ ":path": "/" });
    let text = "";
    for await (const chunk of request) text += chunk;
    session.destroy();
    return text;
  };
  equal(await ask(true), "by push");
  equal(await ask(false), "by preload");
}
