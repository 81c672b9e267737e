// Writes docs/reference/config.md from the configuration's schema: bun scripts/reference.ts
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configReference } from "../src/config/reference.ts";

const page = join(import.meta.dirname, "../docs/reference/config.md");
writeFileSync(page, configReference());
