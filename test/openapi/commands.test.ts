import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { folder, inProcess, sluice } from "../cli/cli.ts";

const src = join(import.meta.dir, "../../src");
const APP = `import { App, middleware } from "${src}/index.ts";
import { docs } from "${src}/openapi/index.ts";
const timed = middleware("timed", (_c, next) => next());
const inner = new App().get("/deep/:id", { name: "deep", summary: "Deep", tags: ["t"] }, () => "");
export const app = new App()
  .use(docs({ title: "Small", version: "3.1" }))
  .use(timed)
  .get("/", () => "")
  .on("PURGE")("/cache", () => "")
  .all("/any", () => "")
  .route("/in", inner)
  .host("a.example.com", new App().get("/hosted", () => ""));
`;
const BARE = `import { App } from "${src}/index.ts";
export default new App().get("/x", () => "");
`;

describe("sluice routes", () => {
  test("lists methods, paths, names, middleware and places", async () => {
    using here = folder({ "app.ts": APP });
    const { code, out, err } = await inProcess(["routes", "app.ts"], here.path);
    expect([code, err]).toEqual([0, ""]);
    const rows = out.trimEnd().split("\n");
    expect(rows[0]).toMatch(/^METHOD +PATH +NAME +MIDDLEWARE +PLACE$/);
    expect(rows.map((row) => row.split(/ {2,}/).join(" | ")).slice(1)).toEqual([
      "GET | /docs | docs | app.ts:6",
      "GET | /openapi.json | openapi | app.ts:6",
      "GET | /docs/start.js | docs: start.js | app.ts:6",
      "GET | /docs/swagger-ui-bundle.js | docs: swagger-ui-bundle.js | app.ts:6",
      "GET | /docs/swagger-ui.css | docs: swagger-ui.css | app.ts:6",
      "GET | / | timed | app.ts:8",
      "PURGE | /cache | timed | app.ts:9",
      "any | /any | timed | app.ts:10",
      "GET | /in/deep/:id | deep | timed | app.ts:4",
      "GET | a.example.com/hosted | timed | app.ts:12",
    ]);
    const at = rows.map((row) => row.search(/PLACE$|app\.ts:\d+$/));
    expect(new Set(at).size).toBe(1);
  });

  test("writes JSON for programs", async () => {
    using here = folder({ "app.ts": APP });
    const { code, out } = await inProcess(["routes", "--json", "app.ts"], here.path);
    expect(code).toBe(0);
    const routes = JSON.parse(out) as { path: string }[];
    expect(routes.find(({ path }) => path === "/in/deep/:id")).toEqual({
      methods: ["GET"],
      path: "/in/deep/:id",
      name: "deep",
      summary: "Deep",
      tags: ["t"],
      middleware: ["timed"],
      place: `${here.path}/app.ts:4`,
    } as never);
    expect(routes.find(({ path }) => path === "/any")).toMatchObject({ methods: null } as never);
  });

  test("says when there are none", async () => {
    using here = folder({
      "app.ts": `import { App } from "${src}/index.ts";\nexport const app = new App();\n`,
    });
    expect((await inProcess(["routes", "app.ts"], here.path)).out).toBe("no routes\n");
  });
});

describe("sluice openapi", () => {
  test("writes what the docs say of the App, and tells what is left out", async () => {
    using here = folder({ "app.ts": APP });
    const { code, out, err } = await sluice(["openapi", "app.ts"], here.path);
    expect(code).toBe(0);
    const document = JSON.parse(out) as { info: object; paths: object };
    expect(document.info).toEqual({ title: "Small", version: "3.1" });
    expect(Object.keys(document.paths)).toEqual(["/", "/in/deep/{id}", "/hosted"]);
    expect(err).toBe(
      `left out: PURGE /cache (${here.path}/app.ts:9): OpenAPI 3.1 does not have this method\n`,
    );
  });

  test("writes a file, with title and version as they are given", async () => {
    using here = folder({ "app.ts": APP });
    const args = ["app.ts", "-o", "api.json", "--title", "Other", "--api-version", "9"];
    const { code, out, err } = await inProcess(["openapi", ...args], here.path);
    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain("wrote api.json (3 operations)\n");
    const document = JSON.parse(readFileSync(join(here.path, "api.json"), "utf8")) as object;
    expect(document).toMatchObject({ info: { title: "Other", version: "9" } });
  });

  test("takes title and version of the package, or the file's name", async () => {
    using here = folder({
      "package.json": '{ "name": "pets", "version": "2.0.0" }',
      "src/app.ts": BARE,
    });
    const info = async (cwd: string): Promise<unknown> => {
      const { out } = await inProcess(["openapi", "src/app.ts"], cwd);
      return (JSON.parse(out) as { info: unknown }).info;
    };
    expect(await info(here.path)).toEqual({ title: "pets", version: "2.0.0" });
    using bare = folder({ "package.json": "{ broken", "src/app.ts": BARE });
    expect(await info(bare.path)).toEqual({ title: "app", version: "0.0.0" });
  });

  test("cannot write everywhere", async () => {
    using here = folder({ "app.ts": BARE });
    const { code, err } = await inProcess(["openapi", "app.ts", "-o", "no/such.json"], here.path);
    expect(code).toBe(1);
    expect(err).toContain("no/such.json");
    expect(err).not.toContain("    at ");
  });
});

describe.each(["routes", "openapi"])("sluice %s refuses", (command) => {
  test.each([
    [[], 2, "name the file of an application"],
    [["nowhere.ts"], 2, "there is no file nowhere.ts"],
    [["."], 2, "there is no file ."],
    [["none.ts"], 1, "must export an App as `app` or as default: it exports other"],
    [["broken.ts"], 1, "cannot load"],
    [["throws.ts"], 1, "no database here"],
    [["twice.ts"], 1, "two routes answer the same requests, and neither is more specific"],
    [["none.ts", "other.ts"], 2, "other.ts"],
  ] as const)("%p", async (args, code, message) => {
    using here = folder({
      "none.ts": "export const other = 1;\n",
      "broken.ts": "export const = ;\n",
      "throws.ts": 'throw new Error("no database here");\n',
      "twice.ts": `import { App } from "${src}/index.ts";
export default new App().get("/a/:b", () => "").get("/a/:c", () => "");\n`,
    });
    const finished = await inProcess([command, ...args], here.path);
    expect(finished).toMatchObject({ code, out: "" });
    expect(finished.err).toContain(message);
    expect(finished.err).not.toContain("    at ");
  });
});
