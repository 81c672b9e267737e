import { expect, test } from "bun:test";
import { folder, inProcess } from "./cli.ts";

const ROUTE = '[[route]]\naction = { type = "respond", body = "env:NOT_SET" }\n';

/** What is asked of a listener, by commands that are run beside a configuration. */
async function asked(config: (port: number) => string, ...args: string[]) {
  using listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => Response.json({ detail: new URL(request.url).pathname }, { status: 404 }),
  });
  using here = folder({ "sluice.toml": config(listener.port as number) });
  return await inProcess(args, here.path);
}

test.each([
  ["127.0.0.1", ["status"], "has no /status of sluice"],
  ["0.0.0.0", ["ctl", "split"], "/splits"],
  ["0.0.0.0", ["ctl", "split", "shop", "a=1", "-c", "sluice.toml"], "/splits/shop"],
])("the admin listener of the configuration on %s is asked by %j", async (host, args, said) => {
  // Neither a secret that is not there nor another mistake keeps it from being found.
  const config = (port: number) => `prot = 1\n[admin]\nhost = "${host}"\nport = ${port}\n${ROUTE}`;
  const { code, err } = await asked(config, ...args);
  expect(code).toBe(1);
  expect(err).toContain(said);
});

test.each([
  [["status", "-c", "sluice.toml"], "sluice.toml has no [admin]"],
  [["status", "-c", "other.toml"], "there is no file other.toml"],
  [["ctl", "split", "shop", "a=x"], "write it as a=50"],
  [["status", "--url", "ftp://x"], "--url ftp://x is no address"],
])("%j is a mistake", async (args, said) => {
  const { code, err } = await asked(() => ROUTE, ...args);
  expect(code).toBe(2);
  expect(err).toContain(said);
});
