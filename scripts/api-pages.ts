import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { findExports } from "./declarations.ts";
import type { Exported } from "./declarations.ts";
import { tsdocMarkdown } from "./tsdoc-markdown.ts";

const root = join(import.meta.dirname, "..");

/** The pages of docs/reference/api by file name, README.md among them. The compiler writes the types they are made of. */
export async function apiPages(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-types-"));
  try {
    const tsc = join(root, "node_modules/.bin/tsc");
    // Its complaints are for `npm run check`.
    await $`${tsc} -p tsconfig.build.json --emitDeclarationOnly --outDir ${folder}`
      .cwd(root)
      .nothrow()
      .quiet();
    return render(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function render(folder: string): Map<string, string> {
  const pages = new Map<string, string>();
  const rows: string[] = [];
  for (const { specifier, types } of entryPoints()) {
    const exported = findExports(join(folder, types));
    const name = `${specifier.replace("/", "-")}.md`;
    pages.set(name, page(specifier, exported));
    const values = exported.filter(({ isType }) => !isType).map((one) => `\`${one.name}\``);
    rows.push(`| [${specifier}](${name}) | ${values.join(", ")} |`);
  }
  const head = "# API\n\nWhat each entry point exports, from its types and their comments.\n\n";
  const table = ["| entry point | functions, classes and values |", "| --- | --- |", ...rows];
  return pages.set("README.md", `${head}${table.join("\n")}\n`);
}

/** What package.json exports, with the declarations of each, relative to dist. */
function entryPoints(): { specifier: string; types: string }[] {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { name, exports } = JSON.parse(text) as {
    name: string;
    exports: Record<string, string | { types: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === "string"
      ? []
      : [{ specifier: join(name, path), types: target.types.replace("./dist/", "") }],
  );
}

function page(specifier: string, exported: readonly Exported[]): string {
  const sections = [
    ["Functions, classes and values", exported.filter(({ isType }) => !isType)],
    ["Types", exported.filter(({ isType }) => isType)],
  ] as const;
  const parts = sections
    .filter(([, list]) => list.length > 0)
    .map(([heading, list]) => `## ${heading}\n\n${list.map(section).join("\n")}`);
  return `# ${specifier}\n\n[All entry points](README.md)\n\n${parts.join("\n")}`;
}

function section({ name, declarations }: Exported): string {
  const parts = declarations.map(({ doc, signature }) => {
    const code = `\`\`\`ts\n${signature}\n\`\`\`\n`;
    return doc === "" ? code : `${code}\n${tsdocMarkdown(doc)}`;
  });
  return `### ${name}\n\n${parts.join("\n")}`;
}
