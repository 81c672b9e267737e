import type { Span } from "./source-file.ts";

/** Where a value of the configuration came from. Anything without an origin is a default. */
export type Origin =
  | {
      readonly kind: "file";
      /** The key, or the header of a table. */
      readonly key: Span;
      /** The value; for a table written with a header, the header. */
      readonly value: Span;
    }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "flag"; readonly name: string };

/** As the trailing comment of `sluice print` says it. */
export function showOrigin(origin: Origin | undefined): string {
  if (origin === undefined) return "default";
  if (origin.kind !== "file") return origin.name;
  const { file, start } = origin.key;
  return `${file.name}:${file.lineAt(start)}`;
}
