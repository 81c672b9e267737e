import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../src/config/environment.ts";
import { loadConfig } from "../../src/config/load.ts";
import { compile } from "../../src/gateway/compile.ts";
import { Upstreams } from "../../src/gateway/upstreams.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import type { ServeOptions } from "../../src/server/settings.ts";
import type { UpstreamObserver } from "../../src/upstream/upstream-observer.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";

/** A gateway as its configuration file makes it, in this process. */
export interface Gateway extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
  /** Those of the configuration, in no order. */
  readonly upstreams: readonly Upstream[];
  close(): Promise<void>;
}

/**
 * @param toml of a sluice.toml; it listens on a port of its own, on 127.0.0.1
 * @param options beside those of the file
 * @param shared where variables are looked up, and who is told of upstreams
 */
export async function startGateway(
  toml: string,
  options: ServeOptions = {},
  shared: { env?: Environment; observer?: UpstreamObserver } = {},
): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-gateway-"));
  const file = join(folder, "sluice.toml");
  writeFileSync(file, toml);
  const { env = {} } = shared;
  const { config, diagnostics } = loadConfig({ file, env });
  rmSync(folder, { recursive: true });
  if (config === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const upstreams = new Upstreams(shared.observer, shared.env);
  const { app, settings } = await compile(config, upstreams);
  const server = await serve(app, { ...settings, host: "127.0.0.1", port: 0, ...options });
  const close = () => server.close();
  return {
    port: server.port,
    server,
    get upstreams() {
      return upstreams.all;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A sluice.toml in which everything goes to `backends`. */
export function proxyTo(backends: readonly string[], more = "", server = ""): string {
  return `
${server}
[[upstream]]
name = "origin"
backends = ${JSON.stringify(backends)}
${more}
[[route]]
action = { type = "proxy", upstream = "origin" }
`;
}
