/** Directives of CSP Level 3 by name, each with its sources; `true` for those without any. */
export type CspDirectives = Readonly<Record<string, readonly string[] | true>>;

/** A policy of one's own origin, without plug-ins, and not to be framed by others. */
export const defaultCsp: CspDirectives = {
  "default-src": ["'self'"],
  "base-uri": ["'self'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'self'"],
  "img-src": ["'self'", "data:"],
  "object-src": ["'none'"],
  "script-src-attr": ["'none'"],
};

/** A policy for each nonce; without any, always the same. */
export type CspTemplate = (nonce: string) => string;

/**
 * Compiles a policy.
 * @param nonces whether scripts and styles with the request's nonce may run
 * @throws TypeError on what would be another policy than it looks
 */
export function compileCsp(directives: CspDirectives, nonces: boolean): CspTemplate {
  for (const [name, sources] of Object.entries(directives)) check(name, sources);
  const all: Record<string, readonly string[] | true> = { ...directives };
  if (nonces) {
    for (const name of ["script-src", "style-src"]) {
      const given = all[name] ?? all["default-src"] ?? [];
      const sources = given === true ? [] : given.filter((source) => source !== "'none'");
      all[name] = [...sources, PLACE];
    }
  }
  const text = Object.entries(all)
    .map(([name, sources]) => [name, ...(sources === true ? [] : sources)].join(" "))
    .join("; ");
  const parts = text.split(PLACE);
  return parts.length === 1 ? () => text : (nonce) => parts.join(`'nonce-${nonce}'`);
}

/** Holds the place of a nonce: no source can have a space. */
const PLACE = "nonce here";

const KEYWORDS = new Set([
  "self",
  "none",
  "unsafe-inline",
  "unsafe-eval",
  "unsafe-hashes",
  "strict-dynamic",
  "report-sample",
  "wasm-unsafe-eval",
]);

function check(name: string, sources: readonly string[] | true): void {
  if (!/^[a-z][a-z-]*$/.test(name)) {
    throw new TypeError(`CSP: ${JSON.stringify(name)} is no directive: write it as "script-src"`);
  }
  if (sources === true) return;
  for (const source of sources) {
    // A semicolon begins another directive, a comma another policy.
    if (!/^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/.test(source)) {
      throw new TypeError(
        `CSP: ${name} has ${JSON.stringify(source)}: one source each, without ";" and ","`,
      );
    }
    if (KEYWORDS.has(source) || /^(?:nonce|sha(?:256|384|512))-/.test(source)) {
      throw new TypeError(`CSP: ${name} has ${source}: keywords have quotes, write "'${source}'"`);
    }
  }
}
