import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, normalize } from "node:path";

/** The floors of the house, highest first; rooms on one floor may use each other. */
export const floors: readonly (readonly string[])[] = [
  ["cli"],
  ["admin"],
  ["gateway"],
  ["config"],
  ["testing"],
  ["server"],
  ["files", "proxy", "fastcgi", "sandbox", "mcp", "rpc"],
  ["upstream"],
  ["middleware"],
  ["auth"],
  ["session", "data", "jobs", "storage", "mail", "template"],
  ["store"],
  ["telemetry"],
  ["openapi", "client"],
  ["core"],
  ["wire"],
  ["http"],
  ["runtime"],
  ["internal"],
];

/** Rooms that must run wherever the web platform does. */
export const portable = ["http", "wire", "core", "middleware", "auth", "openapi", "client"];

/** The door through which portable rooms reach a runtime. */
const door = "runtime/platform.ts";

const { exports } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { exports: Record<string, { bun?: string }> };

/** Files that may re-export: the package's entry points. */
const entryPoints = Object.values(exports).flatMap((entry) =>
  entry.bun === undefined ? [] : [entry.bun.replace("./src/", "")],
);

const MAX_LINES = 400;

export interface SourceFile {
  /** Below `src/`, with slashes. */
  path: string;
  text: string;
}

export function readHouse(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const full = join(entry.parentPath, entry.name);
      return { path: full.slice(root.length + 1), text: readFileSync(full, "utf8") };
    });
}

/** The text without comments. Strings are left alone: a path like `/*` begins none. */
function withoutComments(text: string): string {
  const pattern =
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/.*|\/\*[\s\S]*?\*\//g;
  return text.replace(pattern, (match) => (match.startsWith("/") ? "" : match));
}

/** What a file imports, dynamic and type-only imports and re-exports included. */
export function importsOf(text: string): string[] {
  const pattern = /(?:\bfrom\s*|\b(?:import|require)\s*\(\s*|^\s*import\s*)["']([^"'\n]+)["']/gm;
  return [...withoutComments(text).matchAll(pattern)].map((match) => match[1] as string);
}

const transpiler = new Bun.Transpiler({ loader: "ts" });

/** Globals of a runtime that a file uses; types, comments and texts are none of its business. */
function runtimeGlobals(text: string): string[] {
  const code = transpiler
    .transformSync(text)
    .replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, '""')
    .replace(/`(?:\\.|[^`\\])*`/g, expressionsOf);
  const used: string[] = [];
  if (/(?<![\w$.#])Bun\b|globalThis\.Bun\b/.test(code)) used.push("Bun");
  if (/(?<![\w$.#])process\.|globalThis\.process\b/.test(code)) used.push("process");
  return used;
}

/** What a template literal computes, without its text. */
function expressionsOf(template: string): string {
  return [...template.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1]).join(";");
}

function room(path: string): string {
  return path.includes("/") ? (path.split("/")[0] as string) : "";
}

function floorOf(path: string): number {
  // src/index.ts is the roof: it may look at everything.
  if (!path.includes("/")) return -1;
  return floors.findIndex((rooms) => rooms.includes(room(path)));
}

function resolveImport(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? normalize(join(dirname(from), specifier)) : undefined;
}

/** Everything about the house that is not as DESIGN says, one line each. */
export function inspect(files: readonly SourceFile[]): string[] {
  const product = files.filter((file) => !file.path.endsWith(".test.ts"));
  return [
    ...product.flatMap(inspectFloors),
    ...product.flatMap(inspectShape),
    ...inspectPortability(product),
  ];
}

function inspectFloors(file: SourceFile): string[] {
  const own = floorOf(file.path);
  if (own < 0 && file.path.includes("/"))
    return [`${file.path}: ${room(file.path)}/ is no room of the house`];
  return importsOf(file.text).flatMap((specifier) => {
    const target = resolveImport(file.path, specifier);
    if (target === undefined)
      return /^sluice(\/|$)/.test(specifier)
        ? [`${file.path}: imports ${specifier}, the package itself`]
        : [];
    if (target.startsWith("../")) return [`${file.path}: imports ${target}, outside of src/`];
    return floorOf(target) < own ? [`${file.path}: imports ${target}, a floor above`] : [];
  });
}

function inspectShape(file: SourceFile): string[] {
  const problems: string[] = [];
  const name = file.path.split("/").at(-1) as string;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(name))
    problems.push(`${file.path}: name is not kebab-case`);
  const lines = file.text.split("\n").length;
  if (lines > MAX_LINES) problems.push(`${file.path}: ${lines} lines; look for the seam`);
  if (/\b(TODO|FIXME|XXX)\b/.test(file.text)) problems.push(`${file.path}: holds unfinished work`);
  if (reexports(file.text) && !entryPoints.includes(file.path))
    problems.push(`${file.path}: re-exports, and is no entry point`);
  return problems;
}

/** Whether a file hands on what others export, at once or as an import that is exported later. */
function reexports(text: string): boolean {
  const code = withoutComments(text);
  if (/^\s*export\s+(type\s+)?(\*|\{[^}]*\})\s*(as\s+\w+\s*)?from\b/m.test(code)) return true;
  const imported = new Set(
    [...code.matchAll(/^\s*import\s+([^"';]+?)\s+from\b/gm)].flatMap((match) =>
      [...(match[1] as string).matchAll(/[\w$]+/g)].map(String),
    ),
  );
  return [...code.matchAll(/^\s*export\s+(?:type\s+)?\{([^}]*)\}/gm)].some((match) =>
    (match[1] as string).split(",").some((name) => imported.has(name.trim().split(/\s/)[0] ?? "")),
  );
}

/** Portable rooms, and whatever they reach, are free of `bun`, Node's modules and both runtimes' globals. */
function inspectPortability(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const problems: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string, via: string): void => {
    if (seen.has(path) || path === door) return;
    seen.add(path);
    const file = byPath.get(path);
    if (file === undefined) return;
    for (const specifier of importsOf(file.text)) {
      const target = resolveImport(path, specifier);
      if (target !== undefined) visit(target, via);
      else if (/^bun(:|$)/.test(specifier) || isBuiltin(specifier))
        problems.push(`${path}: imports ${specifier}, reached from ${via}`);
    }
    for (const name of runtimeGlobals(file.text))
      problems.push(`${path}: uses the global ${name}, reached from ${via}`);
  };
  for (const file of files) if (portable.includes(room(file.path))) visit(file.path, file.path);
  return problems;
}
