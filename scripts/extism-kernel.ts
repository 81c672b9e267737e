// Writes src/sandbox/abi/extism/kernel-bytes.ts, the binary of kernel.wat beside it.
import { readFileSync, writeFileSync } from "node:fs";
import loadWabt from "wabt";

const folder = new URL("../src/sandbox/abi/extism/", import.meta.url);

/** The module that {@link kernelSource} comes to. */
export async function kernelSource(): Promise<string> {
  const wabt = await loadWabt();
  const text = readFileSync(new URL("kernel.wat", folder), "utf8");
  const module = wabt.parseWat("kernel.wat", text, { bulk_memory: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString("base64");
  const lines = base64.match(/.{1,92}/g) ?? [];
  return `/** \`kernel.wat\` in binary, as base64; \`bun scripts/extism-kernel.ts\` writes it. */
export const KERNEL =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
}

if (import.meta.main) writeFileSync(new URL("kernel-bytes.ts", folder), await kernelSource());
