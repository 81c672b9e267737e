/**
 * Old decorators are called with other arguments, so that what is noted would be wrong.
 * @throws TypeError with what to change
 */
export function requireStandard(context: unknown, kind: "class" | "method"): void {
  const found = (context as { kind?: unknown } | undefined)?.kind;
  if (found === kind) return;
  if (typeof context === "object" && context !== null && "kind" in context) {
    throw new TypeError(`this decorator is for a ${kind}, not for a ${String(found)}`);
  }
  throw new TypeError(
    "these are standard decorators, and the compiler made old ones of them: " +
      'remove "experimentalDecorators" from tsconfig.json',
  );
}
