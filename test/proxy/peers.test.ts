// Origins and clients of others, through a gateway of a configuration file.
import { createHash, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { lookup } from "node:dns/promises";
import { createServer } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import { connect } from "node:net";
import type { TlsOptions } from "node:tls";
import { createServer as createTlsServer } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chromium } from "playwright-core";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { freePort } from "../support/free-port.ts";
import type { Gateway } from "../support/gateway.ts";
import { proxyTo, startGateway } from "../support/gateway.ts";
import { lacks } from "../support/programs.ts";

const local = await lookup("localhost", { all: true });
const MIB = 1024 * 1024;
const large = Buffer.alloc(MIB).map((_, at) => (at * 31) ^ (at >> 8));
const text = "All work and no play. ".repeat(500);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-peers-"));
  mkdirSync(join(folder, "site"), { mode: 0o777 });
  writeFileSync(join(folder, "site/large.bin"), large);
  writeFileSync(join(folder, "site/text.txt"), text);
  writeFileSync(join(folder, "site/text.txt.gz"), gzipSync(text));
});
afterAll(() => rmSync(folder, { recursive: true }));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function listening(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await Bun.sleep(20);
  }
}

async function program(port: number, ...command: string[]): Promise<void> {
  const child = Bun.spawn(command, {
    cwd: folder,
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ["ignore", "ignore", "ignore"],
  });
  closers.push(async () => {
    child.kill("SIGTERM");
    await child.exited;
  });
  await listening(port);
}

async function front(backend: string, more = ""): Promise<Gateway> {
  const gateway = await startGateway(proxyTo([backend], more));
  closers.push(() => gateway.close());
  return gateway;
}

const NODE_ORIGIN = `
const { createServer } = require("node:http");
const { createReadStream, statSync } = require("node:fs");
createServer((request, response) => {
  if (request.url === "/chunked") {
    response.write("one ");
    setTimeout(() => response.end("two"), 5);
  } else if (request.method === "PUT") {
    response.writeHead(201);
    request.pipe(response);
  } else {
    const path = "site" + request.url;
    const etag = '"' + statSync(path).size + '"';
    const zips = /gzip/.test(request.headers["accept-encoding"] ?? "") && request.url === "/text.txt";
    if (request.headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
    const [, from, to] = /^bytes=(\\d+)-(\\d+)$/.exec(request.headers.range ?? "") ?? [];
    const range = from === undefined ? {} : { start: +from, end: +to };
    response.writeHead(from === undefined ? 200 : 206, {
      etag, ...(zips && { "content-encoding": "gzip" }),
      ...(from !== undefined && { "content-range": "bytes " + from + "-" + to + "/" + statSync(path).size }),
    });
    createReadStream(zips ? path + ".gz" : path, range).pipe(response);
  }
}).listen(Number(process.argv[1]), "127.0.0.1");
`;

const origins: Record<string, (port: number) => Promise<void>> = {
  nginx: async (port) => {
    writeFileSync(
      join(folder, "nginx.conf"),
      `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  client_max_body_size 10m; gzip_static on; gzip_proxied any;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/site;
    dav_methods PUT;
    location /chunked { return 200 "one two"; }
  }
}`,
    );
    await program(port, "nginx", "-c", join(folder, "nginx.conf"), "-p", folder, "-e", "stderr");
  },
  caddy: async (port) => {
    writeFileSync(
      join(folder, "Caddyfile"),
      `{
  admin off
}
http://127.0.0.1:${port} {
  bind 127.0.0.1
  root * ${folder}/site
  handle /chunked {
    respond "one two"
  }
  @put method PUT
  handle @put {
    respond "{http.request.body}" 201
  }
  file_server {
    precompressed gzip
  }
}`,
    );
    await program(
      port,
      "caddy",
      "run",
      "--adapter",
      "caddyfile",
      "--config",
      join(folder, "Caddyfile"),
    );
  },
  node: (port) => program(port, "node", "-e", NODE_ORIGIN, String(port)),
};

describe.each(Object.keys(origins))("%s as an origin", (name) => {
  test.skipIf(lacks(name))(
    "files, gzip, 304, ranges, a megabyte both ways, one connection",
    async () => {
      const port = freePort();
      await origins[name]?.(port);
      const gateway = await front(`127.0.0.1:${port}`, 'host = "backend"');
      const url = `http://127.0.0.1:${gateway.port}`;
      const get = (path: string, headers: Record<string, string> = {}) =>
        fetch(url + path, {
          headers: { "Accept-Encoding": "identity", ...headers },
          decompress: false,
        });

      const whole = await get("/large.bin");
      expect(whole.status).toBe(200);
      expect(Buffer.from(await whole.arrayBuffer()).equals(large)).toBe(true);
      const etag = whole.headers.get("etag") as string;
      expect(etag).toMatch(/^"/);

      const same = await get("/large.bin", { "If-None-Match": etag });
      expect([same.status, await same.text(), same.headers.get("etag")]).toEqual([304, "", etag]);

      const part = await get("/large.bin", { Range: "bytes=1000-1999" });
      expect([part.status, part.headers.get("content-range")]).toEqual([
        206,
        `bytes 1000-1999/${MIB}`,
      ]);
      expect(Buffer.from(await part.arrayBuffer()).equals(large.subarray(1000, 2000))).toBe(true);

      const zipped = await get("/text.txt", { "Accept-Encoding": "gzip" });
      expect(zipped.headers.get("content-encoding")).toBe("gzip");
      expect(gunzipSync(await zipped.arrayBuffer()).toString()).toBe(text);

      const head = await fetch(`${url}/large.bin`, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      expect(await (await get("/chunked")).text()).toBe("one two");

      // The placeholder of Caddy is a text.
      const sent = name === "caddy" ? Buffer.from(text.repeat(100)) : large;
      const put = await fetch(`${url}/put.bin`, { method: "PUT", body: sent });
      expect(put.status).toBe(201);
      const got = Buffer.from(await put.arrayBuffer());
      const arrived = name === "nginx" ? readFileSync(join(folder, "site/put.bin")) : got;
      expect(arrived.equals(sent)).toBe(true);

      for (let i = 0; i < 20; i++)
        expect((await (await get("/text.txt")).text()).length).toBe(text.length);
      const transport = gateway.upstreams[0]?.backends[0]?.transport;
      expect(transport?.connections.open).toBeLessThanOrEqual(3);
    },
  );
});

const answers = (who: string) =>
  createServer((request, response) => {
    response.setHeader("X-Via", request.headers.via ?? "");
    if (request.method === "POST") request.pipe(response);
    else if (request.url === "/large") response.end(large);
    else if (request.url === "/") {
      response.setHeader("Content-Type", "text/html");
      response.end('<!doctype html><link rel="icon" href="data:,"><script src="/a.js"></script>');
    } else if (request.url === "/a.js") {
      response.setHeader("Content-Type", "text/javascript");
      response.end("fetch('/who').then((r) => r.text()).then((t) => (document.title = t));");
    } else response.end(who);
  });

function listen(server: NetServer, ...where: [number, string] | [string]): Promise<number> {
  closers.push(() => server.close());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const done = () => resolve((server.address() as AddressInfo).port ?? 0);
    if (where.length === 1) server.listen(where[0], done);
    else server.listen(...where, done);
  });
}

const certificate = createDevelopmentCertificate({ names: ["localhost"], days: 10 });

describe("clients", () => {
  async function secure(): Promise<Gateway> {
    const port = await listen(answers("it is me"), 0, "127.0.0.1");
    const tls = { certificates: [certificate] };
    const gateway = await startGateway(proxyTo([`127.0.0.1:${port}`]), { tls, http3: false });
    closers.push(() => gateway.close());
    return gateway;
  }

  test.skipIf(lacks("curl"))("curl over HTTP/1.1 and HTTP/2", async () => {
    const { port } = await secure();
    writeFileSync(join(folder, "upload"), large);
    for (const [flag, version] of [
      ["--http1.1", "1.1"],
      ["--http2", "2"],
    ] as const) {
      const run = async (path: string, ...args: string[]) => {
        const command = ["curl", "-sSk", flag, ...args, `https://localhost:${port}${path}`];
        const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
        return Buffer.from(await new Response(child.stdout).arrayBuffer());
      };
      expect((await run("/who", "-w", " %{http_version}")).toString()).toBe(`it is me ${version}`);
      expect((await run("/large")).equals(large)).toBe(true);
      const upload = join(folder, "upload");
      expect((await run("/", "--data-binary", `@${upload}`)).equals(large)).toBe(true);
      expect((await run("/who", "-I")).toString()).toMatch(/x-via: \d\S* sluice/i);
    }
  });

  test.skipIf(lacks("chromium"))(
    "Chromium over HTTP/2",
    async () => {
      const { port } = await secure();
      const { publicKey } = new X509Certificate(certificate.certificate);
      const spki = createHash("sha256")
        .update(publicKey.export({ type: "spki", format: "der" }))
        .digest("base64");
      const browser = await chromium.launch({
        executablePath: Bun.which("chromium") as string,
        args: ["--no-sandbox", "--disable-gpu", `--ignore-certificate-errors-spki-list=${spki}`],
      });
      closers.push(() => browser.close());
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      await page.goto(`https://localhost:${port}/`);
      await page.waitForFunction(() => document.title !== "");
      expect(await page.title()).toBe("it is me");
      const protocol = await page.evaluate(
        () =>
          (performance.getEntriesByType("navigation")[0] as PerformanceResourceTiming)
            .nextHopProtocol,
      );
      expect(protocol).toBe("h2");
    },
    30_000,
  );
});

describe("a backend over TLS", () => {
  const authority = createTestAuthority();
  const good = authority.server(["localhost", "127.0.0.1"]);

  /** What a client gets of a backend with these settings. */
  async function ask(server: TlsOptions, tls: string): Promise<string> {
    const http = answers("secured");
    const secure = createTlsServer(server, (socket) => http.emit("connection", socket));
    secure.on("tlsClientError", () => {});
    const port = await listen(secure, 0, "127.0.0.1");
    writeFileSync(join(folder, "ca.pem"), authority.certificate);
    const { port: own } = await front(`https://127.0.0.1:${port}`, tls);
    const answer = await fetch(`http://127.0.0.1:${own}/who`);
    const body = await answer.text();
    return answer.ok ? body : `${answer.status} ${/"code":"(\w+)"/.exec(body)?.[1]}`;
  }

  const served = ({ certificate: cert, key }: { certificate: string; key: string }) => ({
    cert,
    key,
  });
  const ca = () => `tls = { ca = "${join(folder, "ca.pem")}" }`;

  test("with our own authority; not without it", async () => {
    expect(await ask(served(good), ca())).toBe("secured");
    expect(await ask(served(good), "")).toBe("502 tls_failed");
    expect(await ask(served(good), "tls = { verify = false }")).toBe("secured");
  });

  test("of another name, expired, and not yet valid", async () => {
    const other = authority.server(["other.example"]);
    expect(await ask(served(other), ca())).toBe("502 tls_failed");
    const named = `tls = { ca = "${join(folder, "ca.pem")}", server_name = "other.example" }`;
    expect(await ask(served(other), named)).toBe("secured");
    const expired = authority.server(["127.0.0.1"], { from: -10, to: -1 });
    expect(await ask(served(expired), ca())).toBe("502 tls_failed");
    const early = authority.server(["127.0.0.1"], { from: 1, to: 9 });
    expect(await ask(served(early), ca())).toBe("502 tls_failed");
  });

  test("that asks for our certificate", async () => {
    const wants = {
      ...served(good),
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const own = authority.client("gateway");
    writeFileSync(join(folder, "own.pem"), own.certificate);
    writeFileSync(join(folder, "own.key"), own.key);
    const with_ = `tls = { ca = "${join(folder, "ca.pem")}", cert = "${join(folder, "own.pem")}", key = "${join(folder, "own.key")}" }`;
    expect(await ask(wants, with_)).toBe("secured");
    expect(await ask(wants, ca())).toStartWith("502 ");
  });

  test("that does not speak TLS at all", async () => {
    const port = await listen(answers("plain"), 0, "127.0.0.1");
    const { port: own } = await front(`https://127.0.0.1:${port}`);
    expect((await fetch(`http://127.0.0.1:${own}/who`)).status).toBe(502);
  });
});

describe("a backend", () => {
  const who = async (gateway: Gateway) =>
    (await fetch(`http://127.0.0.1:${gateway.port}/who`)).text();

  test("on a unix socket", async () => {
    const path = join(folder, "app.sock");
    await listen(answers("unix"), path);
    const gateway = await front(`unix:${path}`);
    for (let i = 0; i < 3; i++) expect(await who(gateway)).toBe("unix");
  });

  test("on IPv6", async () => {
    const port = await listen(answers("six"), 0, "::1");
    expect(await who(await front(`[::1]:${port}`))).toBe("six");
  });

  test.each(local.map(({ address }) => address))(
    "that listens on %s, one of the addresses of its name",
    async (address) => {
      const port = await listen(answers("there"), 0, address);
      expect(await who(await front(`localhost:${port}`))).toBe("there");
    },
  );

  test("whose name is nobody's", async () => {
    const gateway = await front("nobody.invalid:80", "timeouts = { connect_ms = 3000 }");
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/who`);
    expect(answer.status).toBeOneOf([502, 504]);
    expect(await answer.text()).not.toContain("nobody");
  });
});
