import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";

/** The files that every server serves, a certificate, and room for what servers write. */
export interface Workspace {
  readonly root: string;
  readonly temp: string;
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

const FILES: Record<string, number> = {
  "1k.bin": 1 << 10,
  "64k.bin": 64 << 10,
  "10m.bin": 10 << 20,
};

export function createWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const [root, temp] = [join(folder, "www"), join(folder, "temp")];
  mkdirSync(root);
  mkdirSync(temp);
  // The same bytes in every run, and such that no compression makes them smaller.
  let seed = 1;
  for (const [name, size] of Object.entries(FILES)) {
    const words = new Uint32Array(size / 4);
    for (let i = 0; i < words.length; i++) {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      words[i] = seed;
    }
    writeFileSync(join(root, name), words);
  }
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const pair = createDevelopmentCertificate({ names: ["localhost", "127.0.0.1"] });
  writeFileSync(cert, pair.certificate);
  writeFileSync(key, pair.key, { mode: 0o600 });
  return { root, temp, cert, key, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
