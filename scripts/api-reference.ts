// Writes docs/reference/api, a page for each entry point, from its types and their TSDoc: bun scripts/api-reference.ts
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiPages } from "./api-pages.ts";

const folder = join(import.meta.dirname, "../docs/reference/api");
const pages = await apiPages();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
