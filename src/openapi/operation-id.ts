import type { PathTemplate } from "./path-template.ts";
import { pascalCase } from "./words.ts";

/** Gives every operation an id that no other has. */
export class OperationIds {
  readonly #taken = new Set<string>();

  /** The name of a route, or one made of its method and path: `getUsersById`. */
  next(name: string | undefined, method: string, template: PathTemplate): string {
    const wanted = name ?? derived(method, template);
    let id = wanted;
    for (let i = 2; this.#taken.has(id); i++) id = `${wanted}${i}`;
    this.#taken.add(id);
    return id;
  }
}

function derived(method: string, { path }: PathTemplate): string {
  const words = path
    .split("/")
    .map((part) => (part.startsWith("{") ? `By${pascalCase(part)}` : pascalCase(part)));
  return method.toLowerCase() + (words.join("") || "Root");
}
