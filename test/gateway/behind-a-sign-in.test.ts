import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "../../src/core/app.ts";
import { gatewayOf, withServer, withServers } from "./with-gateway.ts";

const file = join(import.meta.dir, "../../examples/gateway/behind-a-sign-in.toml");

/** Lets in who has a session, and counts how often it was asked. */
function signIn() {
  const asked = { times: 0 };
  const app = new App()
    .get("/verify", ({ cookies, requestHeaders }) => {
      asked.times++;
      if (cookies.get("session") === "ada") {
        return new Response(null, { status: 204, headers: { "Remote-User": "ada" } });
      }
      const to = `/sign-in/?to=${encodeURIComponent(requestHeaders.get("x-forwarded-uri") ?? "")}`;
      return new Response(null, { status: 302, headers: { Location: to } });
    })
    .get("/sign-in/", () => "Who are you?");
  return { app, asked };
}

function shop(): App {
  return new App()
    .get("/items", (c) => {
      const { id } = c.query as { id: string };
      const user = c.requestHeaders.get("remote-user");
      c.cookies.set("basket", "1", { path: "/" });
      return c.html(`<a href="http://shop.internal/">${user} at ${c.host}: ${id}</a>`);
    })
    .get("/old", (c) => c.redirect("/items?id=1"));
}

test("examples/gateway/behind-a-sign-in.toml: a service lets in, and everything fits the public address", async () => {
  const { app: service, asked } = signIn();
  await withServers([service, shop()], async ([authPort, shopPort]) => {
    const toml = readFileSync(file, "utf8")
      .replaceAll("127.0.0.1:9031", `127.0.0.1:${authPort}`)
      .replaceAll("127.0.0.1:9032", `127.0.0.1:${shopPort}`);
    const { app } = await gatewayOf(toml);
    await withServer(app, async (port) => {
      const ask = (path: string, cookie = "") =>
        fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual", headers: { cookie } });
      expect((await ask("/")).headers.get("location")).toBe("/shop/");
      const stranger = await ask("/shop/item/7?a=b");
      expect([stranger.status, stranger.headers.get("location")]).toEqual([
        302,
        "/sign-in/?to=%2Fshop%2Fitem%2F7%3Fa%3Db",
      ]);
      expect(await (await ask("/sign-in/")).text()).toBe("Who are you?");
      const item = await ask("/shop/item/7", "session=ada");
      expect(await item.text()).toBe('<a href="/shop/">ada at shop.internal: 7</a>');
      expect(item.headers.get("set-cookie")).toContain("Path=/shop/");
      expect((await ask("/shop/old", "session=ada")).headers.get("location")).toBe(
        "/shop/items?id=1",
      );
      const before = asked.times;
      await ask("/shop/item/7", "session=ada");
      expect(asked.times).toBe(before);
    });
  });
});
