import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { folder, serving } from "../cli/cli.ts";
import { until } from "../lifecycle/harness.ts";

const config = (log: string, server = "") => `[server]
port = 0
${server}
[log]
${log}
[[route]]
action = { type = "respond", body = "Hello" }
`;

const hit = async (url: string, path: string) => (await fetch(url + path)).text();
const paths = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    // The last one may be half written.
    .slice(0, -1)
    .map((line) => JSON.parse(line).path);

describe("the access log of a configuration", () => {
  test("json into a file; SIGUSR1 opens it anew; what is left is written at the end", async () => {
    using here = folder({
      "sluice.toml": config('access = "access.log"\nformat = "json"'),
    });
    const server = await serving([], here.path);
    const file = join(here.path, "access.log");
    await hit(server.url, "/before?a=1");
    await until(() => readFileSync(file, "utf8") !== "");
    renameSync(file, `${file}.moved`);
    await hit(server.url, "/between");
    process.kill(server.started.pid, "SIGUSR1");
    await until(() => existsSync(file));
    await hit(server.url, "/after");
    expect(await server.stop()).toBe(0);
    expect(paths(`${file}.moved`)).toEqual(["/before?a=1", "/between"]);
    expect(paths(file)).toEqual(["/after"]);
  });

  test("workers write into one file and reopen it together", async () => {
    using here = folder({
      "sluice.toml": config('access = "access.log"\nformat = "json"', "workers = 2"),
    });
    const server = await serving([], here.path);
    const file = join(here.path, "access.log");
    const wanted = Array.from({ length: 40 }, (_, number) => `/${number}`);
    await Promise.all(wanted.map((path) => hit(server.url, path)));
    await until(() => paths(file).length === wanted.length);
    renameSync(file, `${file}.moved`);
    process.kill(server.started.pid, "SIGUSR1");
    await until(() => existsSync(file));
    await hit(server.url, "/after");
    expect(await server.stop()).toBe(0);
    expect(paths(`${file}.moved`).toSorted()).toEqual(wanted.toSorted());
  });

  test("a reload may turn it on", async () => {
    const path = (here: { path: string }) => join(here.path, "access.log");
    using here = folder({ "sluice.toml": config('access = "off"') });
    const server = await serving([], here.path);
    await hit(server.url, "/unseen");
    await Bun.write(
      join(here.path, "sluice.toml"),
      config('access = "access.log"\nformat = "json"'),
    );
    process.kill(server.started.pid, "SIGHUP");
    await until(() => existsSync(path(here)));
    // The swap comes right after the logs were opened.
    await until(async () => {
      await hit(server.url, "/seen");
      await Bun.sleep(120);
      return readFileSync(path(here), "utf8") !== "";
    });
    expect(await server.stop()).toBe(0);
    expect(paths(path(here))).toContain("/seen");
    expect(paths(path(here))).not.toContain("/unseen");
  });

  test("a disk that is full keeps nobody from being served, and is told in the error log", async () => {
    using here = folder({
      "sluice.toml": config('access = "/dev/full"\nerror = "error.log"'),
    });
    const server = await serving([], here.path);
    expect(await hit(server.url, "/")).toBe("Hello");
    const errors = join(here.path, "error.log");
    await until(() => existsSync(errors) && readFileSync(errors, "utf8").includes("ENOSPC"));
    expect(await hit(server.url, "/")).toBe("Hello");
    expect(await server.stop()).toBe(0);
  });
});
