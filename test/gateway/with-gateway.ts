import type { Application } from "../../src/core/exchange.ts";
import type { Environment } from "../../src/config/environment.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { App } from "../../src/core/app.ts";
import { fetchThrough } from "../../src/core/fetch-through.ts";
import { compile } from "../../src/gateway/compile.ts";
import { Upstreams } from "../../src/gateway/upstreams.ts";
import { serve } from "../../src/server/serve.ts";
import type { Store } from "../../src/store/store.ts";

/** A folder with files, for as long as a test runs. */
export async function withFolder<T>(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-gateway-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a configuration's text comes to, with every check. */
export async function gatewayOf(
  toml: string,
  {
    env = {},
    files = {},
    store,
  }: { env?: Environment; files?: Record<string, string>; store?: Store } = {},
) {
  return withFolder({ ...files, "sluice.toml": toml }, async (cwd) => {
    const { config, diagnostics } = loadConfig({ file: "sluice.toml", cwd, env });
    if (config === undefined) throw new Error(renderDiagnostics(diagnostics));
    return compile(config, new Upstreams(), store);
  });
}

/** A function that asks it without a socket. */
export async function asker(...given: Parameters<typeof gatewayOf>) {
  const { app } = await gatewayOf(...given);
  return (path: string, init: RequestInit & { host?: string } = {}) =>
    fetchThrough(
      app,
      new Request(`http://${init.host ?? "x.test"}${path}`, { redirect: "manual", ...init }),
    );
}

/** An application on a port of its own, for as long as a test runs. */
export async function withServer<T>(
  app: Application,
  run: (port: number) => Promise<T>,
): Promise<T> {
  const server = await serve(app, { host: "127.0.0.1", port: 0 });
  try {
    return await run(server.port);
  } finally {
    await server.close();
  }
}

/** Several of them. */
export function withServers<T>(
  [app, ...rest]: readonly Application[],
  run: (ports: readonly number[]) => Promise<T>,
): Promise<T> {
  if (app === undefined) return run([]);
  return withServer(app, (port) => withServers(rest, (others) => run([port, ...others])));
}

/** Tells of each request what arrived. */
export function tellingOrigin(): App {
  const app = new App();
  app.add({
    path: "/*",
    literal: true,
    handler: async (c) =>
      Response.json({
        method: c.method,
        target: c.exchange.target,
        headers: Object.fromEntries([...c.exchange.headers].map(([k, v]) => [k.toLowerCase(), v])),
        body: c.exchange.body === null ? "" : await c.text(),
      }),
  });
  return app;
}
