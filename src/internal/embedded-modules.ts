/**
 * Modules that are part of the program itself, by the path they go by: what `sluice build` puts into an
 * executable, where there are no files to import.
 */
export const embeddedModules = new Map<string, Readonly<Record<string, unknown>>>();
