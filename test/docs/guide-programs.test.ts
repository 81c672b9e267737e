import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../../src/core/app.ts";

const root = new URL("../..", import.meta.url).pathname;
/** Pages whose programs are whole and are run elsewhere, or speak to servers of their own: compiled. */
const compiled = ["authentication", "proxy", "library", "discovery", "sandbox"];
/** The pages whose programs are whole: run if they export an App, and compiled too. */
const run = [
  "application",
  "routing",
  "handlers",
  "validation",
  "errors",
  "state-and-services",
  "middleware-writing",
  "streaming",
  "deployment",
  "cookies-and-sessions",
  "forms-and-uploads",
  "pagination",
  "websocket",
];

interface Program {
  readonly name: string;
  readonly text: string;
  /** Requests with what comes back, as the page shows them. */
  readonly exchanges: string[];
}

const programs: Program[] = [];
for (const page of [...run, ...compiled]) {
  const text = readFileSync(join(root, `docs/guide/${page}.md`), "utf8");
  let count = 0;
  for (const [, language, block = ""] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)) {
    // A guest in AssemblyScript is another language; test/sandbox/product builds it.
    if (language === "ts" && !block.includes("@extism/as-pdk")) {
      programs.push({ name: `${page}-${++count}`, text: block, exchanges: [] });
    }
    if (language === "http" && run.includes(page)) {
      programs.at(-1)?.exchanges.push(block.trimEnd());
    }
  }
}
const running = programs.filter(
  ({ name, text }) => text.includes("export const app") && run.includes(name.replace(/-\d+$/, "")),
);

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, { bun?: string }>;
};

/** A program with the sources in place of the package, which is not installed here. */
function resolved(text: string): string {
  return text.replaceAll(/"sluice(\/[a-z]+)?"/g, (whole, entry: string = "") => {
    const file = manifest.exports[`.${entry}`]?.bun;
    if (file === undefined) throw new Error(`${whole} is no entry of the package`);
    return JSON.stringify(join(root, file));
  });
}

// Below node_modules, where packages and their types are found and git looks away.
let folder = "";
beforeAll(() => {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/programs-"));
  for (const { name, text } of programs) {
    writeFileSync(join(folder, `${name}.ts`), resolved(text));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test("there are programs, and each that exports an App is asked something", () => {
  expect(running.length).toBeGreaterThan(20);
  expect(running.filter(({ exchanges }) => exchanges.length === 0)).toEqual([]);
});

describe.each(running)("$name", ({ name, exchanges }) => {
  test("answers as the page shows", async () => {
    const { app } = (await import(join(folder, `${name}.ts`))) as { app: App };
    for (const exchange of exchanges) await compare(app, exchange);
    await app.stop();
  });
});

/** A request line with fields, a body if there is one; then a status with fields, and a part of the body. */
async function compare(app: App, exchange: string): Promise<void> {
  const parts = exchange.split("\n\n");
  const [line = "", ...sent] = (parts.shift() ?? "").split("\n");
  const [method = "", target = ""] = line.split(" ");
  const body = /^\d{3}(\n|$)/.test(parts[0] ?? "") ? null : (parts.shift() ?? null);
  const [status, ...fields] = (parts.shift() ?? "").split("\n");
  const headers = sent.map(pair);
  const answer = await app.fetch(
    new Request(`http://localhost${target}`, { method, body, headers }),
  );
  expect([exchange, answer.status]).toEqual([exchange, Number(status)]);
  for (const [name, value] of fields.map(pair)) {
    expect([exchange, answer.headers.get(name)]).toEqual([exchange, value]);
  }
  if (parts.length > 0) expect(await answer.text()).toContain(parts.join("\n\n"));
}

function pair(field: string): [string, string] {
  const at = field.indexOf(": ");
  return [field.slice(0, at), field.slice(at + 2)];
}

test("their types are right", async () => {
  const config = {
    extends: join(root, "tsconfig.json"),
    include: ["*.ts"],
    compilerOptions: {
      types: [join(root, "node_modules/bun-types")],
      rewriteRelativeImportExtensions: false,
    },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const child = Bun.spawn([join(root, "node_modules/.bin/tsc"), "-p", folder], { stdout: "pipe" });
  const printed = await new Response(child.stdout).text();
  const own = programs.map(({ name }) => `${name}.ts(`);
  expect(printed.split("\n").filter((line) => own.some((name) => line.includes(name)))).toEqual([]);
}, 60_000);
