import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../../src/core/app.ts";
import { openapi } from "../../src/openapi/openapi.ts";

const root = new URL("../..", import.meta.url).pathname;
const guide = readFileSync(join(root, "docs/guide/openapi.md"), "utf8");
const programs = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, text]) => text as string);

// In the project, so that packages are found; ignored by git, as it is under node_modules.
let folder = "";
beforeAll(() => {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/openapi-guide-"));
  for (const [index, name] of ["app.ts", "partner.ts", "api.ts"].entries()) {
    const text = (programs[index] as string)
      .replaceAll('"sluice"', JSON.stringify(join(root, "src/index.ts")))
      .replaceAll('"sluice/openapi"', JSON.stringify(join(root, "src/openapi/index.ts")));
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = async (name: string) => ((await import(join(folder, name))) as { app: App }).app;
const ask = async (app: App, path: string) => app.fetch(new Request(`http://localhost${path}`));

test("the first program answers, and is described", async () => {
  const app = await load("app.ts");
  expect(await (await ask(app, "/pets/7")).json()).toEqual({
    id: 7,
    name: "Rex",
    born: "2024-05-01T00:00:00.000Z",
  });
  const document = (await (await ask(app, "/openapi.json")).json()) as object;
  expect(document).toEqual(openapi(app, { title: "Pets", version: "1.0.0" }));
  expect(document).toMatchObject({
    paths: { "/pets/{id}": { get: { parameters: [{ description: "The pet's number" }] } } },
    components: { responses: { PetNotFound: { description: "Not Found" } } },
  } as never);
});

test("the second one is under its prefix, and tells of its keys", async () => {
  const app = await load("api.ts");
  expect((await ask(app, "/api/reference")).status).toBe(200);
  expect(await (await ask(app, "/api/openapi.json")).json()).toMatchObject({
    servers: [{ url: "/api" }],
    paths: { "/orders": { get: { security: [{ partnerKey: [] }] } } },
    components: { responses: { PartnerUnknown: {} } },
  });
});
