// Writes docs/cookbook.md, llms.txt and llms-full.txt from the README, the guide and the recipes: bun scripts/llms.ts
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cookbook } from "./cookbook.ts";
import { llmsFull, llmsIndex } from "./llms-text.ts";

const root = join(import.meta.dirname, "..");
writeFileSync(join(root, "docs/cookbook.md"), cookbook());
writeFileSync(join(root, "llms.txt"), llmsIndex());
writeFileSync(join(root, "llms-full.txt"), llmsFull());
