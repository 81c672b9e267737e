import { platform } from "../../runtime/platform.ts";

/** The files of Swagger UI that the page needs. */
export type SwaggerFile = "swagger-ui-bundle.js" | "swagger-ui.css";

const read = new Map<SwaggerFile, Promise<Uint8Array>>();

/** One file of Swagger UI, read once. Rejects when the package is not installed. */
export function swaggerFile(name: SwaggerFile): Promise<Uint8Array> {
  let bytes = read.get(name);
  if (bytes === undefined) {
    bytes = load(name);
    // What failed may be there the next time.
    bytes.catch(() => read.delete(name));
    read.set(name, bytes);
  }
  return bytes;
}

async function load(name: SwaggerFile): Promise<Uint8Array> {
  const { readFile } = await platform();
  return readFile("Bun" in globalThis ? await embedded(name) : installed(name));
}

/** Bun knows the file by its import, and puts it into executables. */
async function embedded(name: SwaggerFile): Promise<string> {
  const file =
    name === "swagger-ui.css"
      ? await import("swagger-ui-dist/swagger-ui.css", { with: { type: "file" } })
      : await import("swagger-ui-dist/swagger-ui-bundle.js", { with: { type: "file" } });
  return file.default;
}

function installed(name: SwaggerFile): URL {
  return new URL(import.meta.resolve(`swagger-ui-dist/${name}`));
}
