/** A program to be type-checked: its files by name. */
export type Program = Readonly<Record<string, string>>;

/** What one framework writes where the others write something else. */
interface Dialect {
  readonly head: string;
  /** `new App()` with what is around it. */
  readonly app: string;
  readonly get: (path: string) => string;
  readonly post: (path: string) => string;
  /** All modules as one App. */
  readonly join: (modules: readonly string[]) => string;
  /** Statements that call a module's routes. */
  readonly client: (modules: readonly Module[]) => string;
}

interface Module {
  readonly name: string;
  readonly paths: readonly string[];
}

const MODULES = 10;

/** Schemas are made for each route, as in a program with that many kinds of thing. */
function schemas(i: number): string {
  return `const Thing${i} = z.object({ id: z.number().int(), name: z.string().min(1), email: z.email(), tags: z.array(z.string()), size: z.enum(["small", "large"]), at${i}: z.string().optional() });
const NewThing${i} = z.object({ name: z.string().min(1), email: z.email(), size: z.enum(["small", "large"]) });`;
}

const thing = `{ id: 1, name: "a", email: "a@b.c", tags: [], size: "small" as const }`;

/** A program of that many routes, half GET and half POST, in ten modules or in one chain, and a client that calls each. */
export function program(
  framework: keyof typeof dialects,
  routes: number,
  chained: boolean,
): Program {
  const dialect = dialects[framework];
  const count = chained ? 1 : MODULES;
  const modules: Module[] = [];
  const files: Record<string, string> = {};
  for (let m = 0; m < count; m++) {
    const paths: string[] = [];
    const lines: string[] = [];
    const declared: string[] = [];
    for (let i = m; i < routes / 2; i += count) {
      const path = `/things${i}`;
      paths.push(path);
      declared.push(schemas(i));
      lines.push(
        dialect.get(path).replaceAll("#", String(i)),
        dialect.post(path).replaceAll("#", String(i)),
      );
    }
    const name = `module${m}`;
    modules.push({ name, paths });
    files[`${name}.ts`] =
      `${dialect.head}import { z } from "zod";\n${declared.join("\n")}\nexport const ${name} = ${dialect.app}\n${lines.join("\n")};\n`;
  }
  const imports = modules.map(({ name }) => `import { ${name} } from "./${name}.ts";`).join("\n");
  files["app.ts"] =
    `${dialect.head}${imports}\nexport const app = ${dialect.join(modules.map(({ name }) => name))};\nexport type Api = typeof app;\n`;
  files["client.ts"] = dialect.client(modules);
  return files;
}

const calls = (modules: readonly Module[], one: (path: string, i: number) => string): string =>
  modules.flatMap(({ paths }) => paths.map(one)).join("\n");

export const dialects = {
  sluice: {
    head: `import { App, error } from "sluice";\n`,
    app: `new App()`,
    get: (path) =>
      `  .get("${path}/:id", { params: z.object({ id: z.coerce.number().int() }), query: z.object({ full: z.enum(["yes", "no"]).optional() }), returns: Thing#, errors: [error(404, "thing#_not_found")] }, ({ params, query }) => ({ ...${thing}, id: params.id, name: query.full ?? "a" }))`,
    post: (path) =>
      `  .post("${path}", { body: NewThing#, returns: Thing#, errors: [error(409, "thing#_exists")] }, ({ body }) => ({ ...body, id: 1, tags: [] }))`,
    join: (modules) => `new App()${modules.map((name) => `.route("/", ${name})`).join("")}`,
    client: (modules) =>
      `import { client } from "sluice/client";
import type { Api } from "./app.ts";
const api = client<Api>("http://localhost");
export async function main(): Promise<string> {
  const out: string[] = [];
${calls(
  modules,
  (
    path,
    i,
  ) => `  { const r = await api["GET ${path}/:id"]({ params: { id: ${i} } }); if (r.ok) out.push(r.data.name); else out.push(r.code); }
  { const r = await api["POST ${path}"]({ json: { name: "a", email: "a@b.c", size: "small" } }); if (r.ok) out.push(r.data.name); else out.push(r.code); }`,
)}
  return out.join();
}
`,
  },
  hono: {
    head: `import { Hono } from "hono";\nimport { zValidator } from "@hono/zod-validator";\n`,
    app: `new Hono()`,
    get: (path) =>
      `  .get("${path}/:id", zValidator("param", z.object({ id: z.coerce.number().int() })), zValidator("query", z.object({ full: z.enum(["yes", "no"]).optional() })), (c) => { const { id } = c.req.valid("param"); const { full } = c.req.valid("query"); if (id === 0) return c.json({ code: "thing#_not_found" as const }, 404); const thing: z.infer<typeof Thing#> = { ...${thing}, id, name: full ?? "a" }; return c.json(thing, 200); })`,
    post: (path) =>
      `  .post("${path}", zValidator("json", NewThing#), (c) => { const body = c.req.valid("json"); if (body.name === "") return c.json({ code: "thing#_exists" as const }, 409); const thing: z.infer<typeof Thing#> = { ...body, id: 1, tags: [] }; return c.json(thing, 200); })`,
    join: (modules) => `new Hono()${modules.map((name) => `.route("/", ${name})`).join("")}`,
    client: (modules) =>
      `import { hc } from "hono/client";
import type { Api } from "./app.ts";
const api = hc<Api>("http://localhost");
export async function main(): Promise<string> {
  const out: string[] = [];
${calls(
  modules,
  (
    path,
    i,
  ) => `  { const r = await api.${path.slice(1)}[":id"].$get({ param: { id: "${i}" }, query: {} }); if (r.ok) out.push((await r.json()).name); else out.push(String(r.status)); }
  { const r = await api.${path.slice(1)}.$post({ json: { name: "a", email: "a@b.c", size: "small" } }); if (r.ok) out.push((await r.json()).name); else out.push(String(r.status)); }`,
)}
  return out.join();
}
`,
  },
  elysia: {
    head: `import { Elysia } from "elysia";\n`,
    app: `new Elysia()`,
    get: (path) =>
      `  .get("${path}/:id", ({ params, query, status }) => params.id === 0 ? status(404, { code: "thing#_not_found" as const }) : ({ ...${thing}, id: params.id, name: query.full ?? "a" }), { params: z.object({ id: z.coerce.number().int() }), query: z.object({ full: z.enum(["yes", "no"]).optional() }), response: { 200: Thing#, 404: z.object({ code: z.literal("thing#_not_found") }) } })`,
    post: (path) =>
      `  .post("${path}", ({ body, status }) => body.name === "" ? status(409, { code: "thing#_exists" as const }) : ({ ...body, id: 1, tags: [] }), { body: NewThing#, response: { 200: Thing#, 409: z.object({ code: z.literal("thing#_exists") }) } })`,
    join: (modules) => `new Elysia()${modules.map((name) => `.use(${name})`).join("")}`,
    client: () => `import type { Api } from "./app.ts";\nexport type Routes = Api["~Routes"];\n`,
  },
} satisfies Record<string, Dialect>;
