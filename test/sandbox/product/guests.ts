import type { guests } from "../../../examples/sandbox/build.ts";
import { buildGuests } from "../../../examples/sandbox/build.ts";
import { buildOnce } from "../guests/build-cache.ts";

const examples = new URL("../../../examples/sandbox/", import.meta.url).pathname;

/** Builds guests of the examples. @returns the folder where they are */
export function builtGuests(...names: (keyof typeof guests)[]): Promise<string> {
  const sources = ["build.ts", "guests", "include"].map((name) => examples + name);
  return buildOnce([...sources, ...names.toSorted()], (folder) => buildGuests(folder, names));
}
