// 28. Uploaded files to a folder, of any number and size.
import type { Check } from "./check.ts";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "sluice";
import { saveUpload } from "sluice/files";

const folder = mkdtempSync(join(tmpdir(), "recipe-uploads-"));

export const app = new App().post("/photos", async (c) => {
  const saved = [];
  for await (const part of c.files({ files: 10, fileBytes: 20_000_000 })) {
    // A random name, the extension kept: no client chooses where its bytes lie.
    if (part.isFile) saved.push(await saveUpload(part, folder));
  }
  return saved.map(({ name, size }) => ({ name, size }));
});

export async function check({ ask, equal }: Check) {
  const body = new FormData();
  body.append("photo", new File(["pixels"], "../../evil.JPG"));
  const [saved] = (await ask("POST /photos", { body })).json;
  equal([saved.size, saved.name.endsWith(".jpg")], [6, true]);
  equal(readFileSync(join(folder, saved.name), "utf8"), "pixels");
}
