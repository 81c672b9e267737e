let loaded: Promise<typeof import("jose")> | undefined;

/** The library for tokens, loaded when the first one is checked or made: most programs have none. */
export function jose(): Promise<typeof import("jose")> {
  return (loaded ??= import("jose"));
}
