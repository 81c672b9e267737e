import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../examples/recipes");

/** Chapters, each named by the recipe it begins with. */
const chapters: Record<string, string> = {
  hello: "Routes",
  "json-body": "What comes in",
  answers: "What goes out",
  "declared-errors": "Errors",
  timing: "Middleware of your own",
  state: "State and services",
  timeouts: "Time",
  cookies: "Cookies and sessions",
  pages: "Lists",
  events: "Live",
  "request-id": "Middleware that is there",
  "basic-auth": "Who somebody is",
  openapi: "The contract",
  testing: "Tests",
  serve: "Servers",
};

export interface Recipe {
  /** Such as `07-query.ts`. */
  readonly file: string;
  readonly number: string;
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly title: string;
  readonly code: string;
  /** The chapter that begins here. */
  readonly chapter: string | undefined;
}

/** The recipes in order. @throws Error when a chapter begins with a recipe that is not there */
export function recipes(): Recipe[] {
  const files = readdirSync(folder).filter((file) => /^\d{2,3}-.*\.ts$/.test(file));
  const found = files.sort(byNumber).map((file) => {
    const code = readFileSync(join(folder, file), "utf8");
    const [, number = "", name = ""] = /^(\d+)-(.*)\.ts$/.exec(file) ?? [];
    const title = /^\/\/ \d+\. (.*)/.exec(code)?.[1] ?? "";
    return { file, number, name, title, code, chapter: chapters[name] };
  });
  const missing = Object.keys(chapters).filter((name) => !found.some((one) => one.name === name));
  if (missing.length > 0) throw new Error(`no recipe begins the chapter at ${missing.join(", ")}`);
  return found;
}

const byNumber = (a: string, b: string) => parseInt(a, 10) - parseInt(b, 10);

/** docs/cookbook.md: every recipe with a link. */
export function cookbook(): string {
  const lines = recipes().flatMap(({ file, number, title, chapter }) => {
    const line = `${Number(number)}. [${title.replace(/\.$/, "")}](../examples/recipes/${file})`;
    return chapter === undefined ? [line] : ["", `## ${chapter}`, "", line];
  });
  return `# Cookbook

Short programs, one idea each. Every one exports an \`app\` and ends with a \`check\` that the tests run: what it asks, and what comes back. To serve one: \`sluice run examples/recipes/01-hello.ts\`.

This page is made by \`bun scripts/llms.ts\`.
${lines.join("\n")}
`;
}
