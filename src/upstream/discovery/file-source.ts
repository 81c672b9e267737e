import { readFileSync, realpathSync, statSync } from "node:fs";
import { watchFiles } from "../../runtime/watch-files.ts";
import type { BackendOptions } from "../backend-options.ts";
import { Changes } from "./changes.ts";
import type { Discovered, DiscoverySource } from "./discovery-source.ts";
import { readBackendFile } from "./read-backend-file.ts";

/** Some 100,000 backends. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Backends from a file that is watched: written anew, replaced by renaming, or behind a link that is swapped. A
 * file that is broken or gone for a moment changes nothing.
 *
 * @param path of a `.json` file (a list, or `{ "backends": [...] }`), a `.toml` file (`backends = [...]`), or of any
 * other with a line for each: `10.0.0.1:8080 weight=3`
 * @example
 * const api = new Upstream({ name: "api", backends: [], discovery: fromFile("/etc/api.backends") });
 * api.start();
 */
export function fromFile(path: string): DiscoverySource {
  return {
    name: `file ${path}`,
    async *watch(signal): AsyncGenerator<Discovered | Error> {
      const changes = new Changes();
      const watch = watchFiles({ files: filesOf(path), changed: changes.note });
      try {
        while (!signal.aborted) {
          yield readOrError(path);
          await changes.next(signal);
          // A link may lead elsewhere now.
          watch.replace(filesOf(path));
        }
      } finally {
        watch.stop();
      }
    },
  };
}

function readOrError(path: string): readonly BackendOptions[] | Error {
  try {
    return readBackends(path);
  } catch (error) {
    return error as Error;
  }
}

/** The backends a file names now. @throws an Error that says what is wrong with it */
export function readBackends(path: string): readonly BackendOptions[] {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, more than ${MOST_BYTES}`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const reason = code === "ENOENT" ? "there is no such file" : message;
    throw new Error(`cannot read ${path}: ${reason}`, { cause: error });
  }
  try {
    return readBackendFile(path, text);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** The file by the name it has, and what is there if that is a link. */
function filesOf(path: string): string[] {
  try {
    return [...new Set([path, realpathSync(path)])];
  } catch {
    return [path];
  }
}
