import { readFileSync } from "node:fs";
import { join } from "node:path";
import { recipes } from "./cookbook.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Page {
  readonly title: string;
  /** From the root of the repository. */
  readonly path: string;
  readonly about: string;
}

/** The pages docs/README.md lists, by its headings. */
function pages(): { heading: string; pages: Page[] }[] {
  const sections = read("docs/README.md").split(/^## /m).slice(1);
  return sections.map((section) => {
    const found = section.matchAll(/^- \[(.*?)\]\((.*?)\)(?:: (.*))?$/gm);
    const list = [...found].map(([, title = "", path = "", about = ""]) => {
      return { title, path: join("docs", path), about };
    });
    return { heading: section.slice(0, section.indexOf("\n")), pages: list };
  });
}

const SUMMARY = `# Sluice

> The web tier in one TypeScript program: a static web server, a config-driven gateway and an application framework, on HTTP/1.1, HTTP/2 and HTTP/3.

An application is an \`App\`:

\`\`\`ts
import { App } from "sluice";

export const app = new App().get("/hello/:name", ({ params }) => params.name);
\`\`\`

Import \`App\`, \`error\`, \`middleware\` and the like from "sluice"; \`serve\` from "sluice/server"; \`staticFiles\`, \`file\`, \`saveUpload\` from "sluice/files"; \`cors\`, \`compress\`, \`rateLimit\` … from "sluice/middleware"; \`basicAuth\`, \`bearerAuth\`, \`password\` … from "sluice/auth"; \`sessions\` from "sluice/session"; \`controller\`, \`get\`, \`post\` … from "sluice/decorators"; \`openapi\`, \`docs\` from "sluice/openapi"; \`client\` from "sluice/client"; \`createTestApp\`, \`testClient\` from "sluice/testing". Schemas are zod's, or any Standard Schema. \`sluice run app.ts\` serves a module that exports \`app\`.
`;

/** llms.txt (llmstxt.org): what there is to read. */
export function llmsIndex(): string {
  const sections = pages().map(({ heading, pages: list }) => {
    const lines = list.map(({ title, path, about }) => {
      return about === "" ? `- [${title}](${path})` : `- [${title}](${path}): ${about}`;
    });
    return `## ${heading}\n\n${lines.join("\n")}\n`;
  });
  const found = recipes().map(({ file, title }) => `- [${title}](examples/recipes/${file})`);
  return [SUMMARY, ...sections, `## Recipes\n\n${found.join("\n")}\n`].join("\n");
}

/** llms-full.txt: the README, the guide and every recipe, as one text. The reference stays out: it is long, and config files are checked. */
export function llmsFull(): string {
  const guide = pages().flatMap(({ pages: list }) =>
    list.filter(({ path }) => path.startsWith("docs/guide/")).map(({ path }) => path),
  );
  const documents = ["README.md", ...guide].map((path) => `<!-- ${path} -->\n\n${read(path)}`);
  const programs = recipes().map(({ code }) => `\`\`\`ts\n${code}\`\`\`\n`);
  return [SUMMARY, ...documents, "# Recipes\n", ...programs].join("\n");
}
