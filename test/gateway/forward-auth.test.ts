import { expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { startGateway } from "../support/gateway.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";
import { tellingOrigin, withServer } from "./with-gateway.ts";

/** Signs in who has `session=ada`; the others are sent to a page, or told so where they are no browser. */
function signInService() {
  const asked: Record<string, string>[] = [];
  const app = new App().add({
    path: "/*",
    literal: true,
    handler: (c) => {
      const fields = Object.fromEntries(
        [...c.exchange.headers].map(([k, v]) => [k.toLowerCase(), v]),
      );
      asked.push({ method: c.method, target: c.exchange.target, ...fields });
      if (fields["cookie"] === "session=ada") {
        const headers = { "Remote-User": "ada", "Remote-Groups": "staff", "Set-Cookie": "seen=1" };
        return new Response("in", { headers });
      }
      if (fields["accept"] === "text/html") {
        const to = `https://auth.example/?rd=${fields["x-forwarded-proto"]}://${fields["x-forwarded-host"]}${fields["x-forwarded-uri"]}`;
        return new Response(null, { status: 302, headers: { Location: to } });
      }
      const headers = { "WWW-Authenticate": 'Bearer realm="x"', "Content-Type": "text/plain" };
      return new Response("who are you?", { status: 401, headers });
    },
  });
  return { app, asked };
}

const config = (service: string, origin: string, more: string) => `
[[upstream]]
name = "authelia"
backends = ["${service}"]
[[upstream]]
name = "app"
backends = ["${origin}"]
[[route]]
action = { type = "proxy", upstream = "app" }
[route.middleware.auth]
type = "forward"
copy_headers = ["Remote-User", "Remote-Groups"]
client_headers = ["Set-Cookie"]
${more}
`;

interface Told {
  target: string;
  body: string;
  headers: Record<string, string>;
}

const places = {
  "an upstream": () => `upstream = "authelia"\npath = "/api/verify?x=1"`,
  "an address": (port: number) => `url = "http://127.0.0.1:${port}/api/verify?x=1"`,
};
for (const [name, place] of Object.entries(places)) {
  test(`${name} is asked, and what it says goes to the backend and the client`, async () => {
    const service = signInService();
    await withServer(service.app, (authPort) =>
      withServer(tellingOrigin(), async (port) => {
        await using gateway = await startGateway(
          config(`127.0.0.1:${authPort}`, `127.0.0.1:${port}`, place(authPort)),
        );
        const address = `http://127.0.0.1:${gateway.port}`;
        const ask = (path: string, headers: Record<string, string>, body?: string) =>
          fetch(address + path, {
            redirect: "manual",
            headers,
            ...(body !== undefined && { method: "POST", body }),
          });
        const letIn = await ask(
          "/a?b=1",
          { cookie: "session=ada", "remote-user": "root" },
          "content",
        );
        expect(letIn.headers.get("set-cookie")).toBe("seen=1");
        const told = (await letIn.json()) as Told;
        expect([told.target, told.body]).toEqual(["/a?b=1", "content"]);
        expect(told.headers).toMatchObject({ "remote-user": "ada", "remote-groups": "staff" });
        expect(service.asked[0]).toMatchObject({
          method: "GET",
          target: "/api/verify?x=1",
          host: `127.0.0.1:${authPort}`,
          "x-forwarded-method": "POST",
          "x-forwarded-uri": "/a?b=1",
          "x-forwarded-host": `127.0.0.1:${gateway.port}`,
          "x-forwarded-proto": "http",
          "x-forwarded-for": "127.0.0.1",
          cookie: "session=ada",
        });
        expect(service.asked[0]?.["remote-user"]).toBeUndefined();
        expect(service.asked[0]?.["content-length"]).toBeUndefined();

        const refused = await ask("/", {});
        expect([refused.status, await refused.text()]).toEqual([401, "who are you?"]);
        expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="x"');
        const page = await ask("/x?y", { accept: "text/html" });
        expect([page.status, page.headers.get("location")]).toEqual([
          302,
          `https://auth.example/?rd=${address}/x?y`,
        ]);
        const head = await fetch(`${address}/`, { method: "HEAD" });
        expect([head.status, await head.text()]).toEqual([401, ""]);
      }),
    );
  });
}

test("a client cannot have the service's word taken away by listing it in Connection", async () => {
  const service = signInService();
  await using origin = await startSteeredOrigin();
  await withServer(service.app, async (authPort) => {
    const toml = config(`127.0.0.1:${authPort}`, origin.address, `upstream = "authelia"`);
    await using gateway = await startGateway(`${toml}
[route.middleware.headers.request]
set = { x-from = "gateway" }
[middleware]
request_id = { header = "X-Trace" }`);
    const { text } = await exchangeRaw(
      gateway.port,
      "GET / HTTP/1.1\r\nHost: a.example\r\nCookie: session=ada\r\nRemote-User: root\r\nX-Mine: 1\r\nConnection: close, Remote-User, remote_groups, X-From, x-trace, X-Mine\r\n\r\n",
      { quietMs: 5_000 },
    );
    expect(text).toStartWith("HTTP/1.1 200");
    const head = origin.requests[0]?.head.toLowerCase();
    expect(head).toContain("remote-user: ada\r\n");
    expect(head).toContain("remote-groups: staff\r\n");
    expect(head).toContain("x-from: gateway\r\n");
    expect(head).toContain("x-trace: ");
    expect(head).not.toContain("root");
    expect(head).not.toContain("x-mine");
  });
});

test("nor say it in its place: in trailers, or spelt as backends read it too", async () => {
  const service = signInService();
  await using origin = await startSteeredOrigin();
  await withServer(service.app, async (authPort) => {
    const toml = config(`127.0.0.1:${authPort}`, origin.address, `upstream = "authelia"`);
    await using gateway = await startGateway(`${toml}
[route.middleware.headers.request]
set = { x-from = "gateway" }
remove = ["X-Internal"]
[middleware]
request_id = { header = "X-Trace" }`);
    const names = ["Remote-User", "remote_groups", "X-From", "X_Internal", "x_trace"];
    const fields = [...names, "X-Mine"].map((name) => `${name}: root\r\n`).join("");
    const alike = ["X_From", "x_internal", "X_Trace", "X_Forwarded_For", "x_real_ip"];
    const { text } = await exchangeRaw(
      gateway.port,
      `POST / HTTP/1.1\r\nHost: a.example\r\nCookie: session=ada\r\nConnection: close\r\n${alike.map((name) => `${name}: root\r\n`).join("")}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n${fields}X_Forwarded_Host: root\r\n\r\n`,
      { quietMs: 5_000 },
    );
    expect(text).toStartWith("HTTP/1.1 200");
    const [seen] = origin.requests;
    expect(seen?.body).toBe("a[X-Mine: root]");
    expect(seen?.head).not.toContain("root");
    expect(seen?.head.toLowerCase()).toContain("x-from: gateway\r\n");
  });
});

test("a service that is down, slow or broken lets nobody in, and its client hears which", async () => {
  await using service = await startSteeredOrigin();
  await using origin = await startSteeredOrigin();
  const start = (backend: string, more = "") =>
    startGateway(config(backend, origin.address, `upstream = "authelia"\n${more}`));
  const outcome = async (port: number) => {
    const reply = await fetch(`http://127.0.0.1:${port}/`);
    return [reply.status, ((await reply.json()) as { code: string }).code];
  };
  {
    await using gateway = await start("127.0.0.1:1");
    expect(await outcome(gateway.port)).toEqual([502, "forward_auth_failed"]);
  }
  {
    service.plan = [{ wait: 60_000 }];
    await using gateway = await start(service.address, "timeout_ms = 30");
    expect(await outcome(gateway.port)).toEqual([504, "forward_auth_timeout"]);
    while (service.requests[0]?.closed !== true) await Bun.sleep(2);
  }
  {
    service.plan = [{ send: "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n" }];
    await using gateway = await start(service.address);
    expect(await outcome(gateway.port)).toEqual([502, "forward_auth_failed"]);
  }
  expect(origin.requests).toHaveLength(0);
  await using open = await start(service.address, 'on_error = "allow"');
  const reply = await fetch(`http://127.0.0.1:${open.port}/`, {
    headers: { "remote-user": "root" },
  });
  expect(await reply.text()).toBe("hello");
  expect(origin.requests[0]?.head.toLowerCase()).not.toContain("remote-user");
});

test("with a cache the service is asked once, and a limit counts whom it names", async () => {
  const service = signInService();
  await withServer(service.app, async (authPort) => {
    await using gateway = await startGateway(`
[[upstream]]
name = "authelia"
backends = ["127.0.0.1:${authPort}"]
[[route]]
action = { type = "respond", body = "in" }
[route.middleware]
rate_limit = { max_requests = 3, key = "user" }
auth = { type = "forward", upstream = "authelia", user_header = "Remote-User", cache = { secs = 60, by = ["cookie:session"] } }
`);
    const ask = async (path: string, cookie = "session=ada") =>
      (await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers: { cookie } })).status;
    // It sets a cookie each time, so its answers are not kept.
    expect([await ask("/"), await ask("/"), await ask("/"), await ask("/")]).toEqual([
      200, 200, 200, 429,
    ]);
    expect(service.asked).toHaveLength(4);
  });
  await using keeping = await startSteeredOrigin();
  keeping.plan = [{ send: "HTTP/1.1 204 No Content\r\n\r\n" }];
  await using gateway = await startGateway(`
[[route]]
action = { type = "respond", body = "in" }
middleware.auth = { type = "forward", url = "http://${keeping.address}", cache = { secs = 60, by = ["cookie:session"] } }
`);
  for (const path of ["/", "/", "/", "/b"]) {
    await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers: { cookie: "session=ada" } });
  }
  expect(keeping.requests).toHaveLength(2);
});
