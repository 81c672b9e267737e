// Writes docs/reference from the configuration's schema and the commands: bun scripts/reference.ts
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandReference } from "../src/cli/reference.ts";
import { configReference } from "../src/config/reference.ts";

const folder = join(import.meta.dirname, "../docs/reference");
writeFileSync(join(folder, "config.md"), configReference());
writeFileSync(join(folder, "commands.md"), await commandReference());
