import type { Context } from "../../core/context.ts";
import type { Middleware } from "../../core/middleware.ts";
import type { Reply } from "../../core/reply.ts";
import { steps } from "../../core/steps.ts";
import { lengthBit, lengthBits } from "../../http/received-fields.ts";
import { HeaderList } from "../../http/header-list.ts";
import { parseDuration } from "../../internal/parse-duration.ts";
import type { CspDirectives } from "./content-security-policy.ts";
import { compileCsp, defaultCsp } from "./content-security-policy.ts";

/** Strict-Transport-Security (RFC 6797). */
export interface HstsOptions {
  /** How long browsers come by HTTPS only. Milliseconds, or `"180d"` (default). */
  maxAge?: number | string;
  /** Subdomains too. Default false: they may not all have a certificate. */
  includeSubDomains?: boolean;
  /** Agrees to be in browsers' own lists, which is hard to take back. Default false. */
  preload?: boolean;
}

/** Each is a choice of its own; false leaves the field out. */
export interface SecurityHeadersOptions {
  /**
   * Directives in place of the default ones, which are `default-src 'self'`, `img-src 'self' data:`, and
   * `'self'` or `'none'` for the base, forms, frames, plug-ins and attributes that are scripts.
   */
  contentSecurityPolicy?: CspDirectives | false;
  /** Only report what the policy would stop. Default false. */
  reportOnly?: boolean;
  /** Adds a nonce to `script-src` and `style-src`, new for each request; it is in `c.vars.nonce`. Default false. */
  nonces?: boolean;
  /** Only on HTTPS, as RFC 6797 7.2 wants. */
  strictTransportSecurity?: HstsOptions | false;
  /** Who may frame a page, for browsers that know no `frame-ancestors`. Default `SAMEORIGIN`. */
  frameOptions?: "DENY" | "SAMEORIGIN" | false;
  /** Default `strict-origin-when-cross-origin`. `no-referrer` also makes `Origin: null` of forms, which CSRF checks refuse. */
  referrerPolicy?: string | false;
  /** Features and the origins that may use them: `{ camera: [], geolocation: ["self", "https://maps.example"] }`. Default: none of camera, microphone, geolocation, payment, USB. */
  permissionsPolicy?: Readonly<Record<string, readonly string[]>> | false;
  /** Default `same-origin`. */
  crossOriginOpenerPolicy?: "same-origin" | "same-origin-allow-popups" | "unsafe-none" | false;
  /** Default `same-origin`: `cross-origin` for what other sites may embed. */
  crossOriginResourcePolicy?: "same-origin" | "same-site" | "cross-origin" | false;
  /** Default none: `require-corp` stops whatever does not agree to be embedded. */
  crossOriginEmbedderPolicy?: "require-corp" | "credentialless" | "unsafe-none" | false;
}

/** What {@link securityHeaders} adds to `c.vars` where nonces are wanted. */
export interface NonceVars {
  /** 128 random bits as Base64, for `<script nonce="…">`. */
  nonce: string;
}

/**
 * Sets the fields by which browsers protect a site, on errors too: Content-Security-Policy,
 * Strict-Transport-Security, X-Frame-Options, X-Content-Type-Options, Referrer-Policy, Permissions-Policy and
 * the cross-origin policies. What a handler or a Reply sets itself wins.
 *
 * @throws TypeError at start on a policy that would be another than it looks: a keyword without quotes, a
 * source with a semicolon
 * @example
 * new App()
 *   .use(securityHeaders({ nonces: true }))
 *   .get("/", (c) => c.html(`<script nonce="${c.vars.nonce}">document.title = "hi"</script>`));
 */
export function securityHeaders(
  options: SecurityHeadersOptions & { nonces: true },
): Middleware<Context, NonceVars>;
export function securityHeaders(options?: SecurityHeadersOptions): Middleware;
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  const { contentSecurityPolicy = defaultCsp, nonces = false, reportOnly = false } = options;
  const hsts = formatHsts(options.strictTransportSecurity ?? {});
  if (nonces && contentSecurityPolicy === false) {
    throw new TypeError("securityHeaders: nonces need a contentSecurityPolicy");
  }
  const policy =
    contentSecurityPolicy === false ? undefined : compileCsp(contentSecurityPolicy, nonces);
  const policyName = `Content-Security-Policy${reportOnly ? "-Report-Only" : ""}`;
  const constant = constantFields(options);
  if (policy !== undefined && !nonces) constant.append(policyName, policy(""));
  constant.freeze();
  const names = [policyName, HSTS, ...[...constant].map(([name]) => name)].map(lowerCase);
  const own: OwnFields = { names: new Set(names), lengths: lengthBits(names) };
  const enter = (c: Context): void => {
    const { headers } = c;
    headers.merge(constant, NONE);
    if (hsts !== undefined && c.scheme === "https") headers.set(HSTS, hsts);
    if (!nonces || policy === undefined) return;
    const nonce = makeNonce();
    headers.set(policyName, policy(nonce));
    (c.vars as NonceVars).nonce = nonce;
  };
  const leave = (c: Context, reply: Reply): Reply => yieldTo(reply, c, own);
  return steps("security-headers", { enter, leave });
}

const HSTS = "Strict-Transport-Security";

const NONE: ReadonlySet<string> = new Set();

function lowerCase(name: string): string {
  return name.toLowerCase();
}

/** The fields that are set here; names in lower case. */
interface OwnFields {
  readonly names: ReadonlySet<string>;
  /** Told apart by these first, as almost every field of a Reply is. */
  readonly lengths: number;
}

/** What a Reply says itself is not replaced by what is pending. */
function yieldTo(reply: Reply, c: Context, own: OwnFields): Reply {
  if (!reply.headers.mayHave(own.lengths)) return reply;
  const { flat } = reply.headers;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if ((own.lengths & lengthBit(name.length)) !== 0 && own.names.has(name.toLowerCase()))
      c.headers.delete(name);
  }
  return reply;
}

function makeNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}

/** @throws TypeError */
function constantFields(options: SecurityHeadersOptions): HeaderList {
  const fields: (readonly [string, string | false])[] = [
    ["X-Content-Type-Options", "nosniff"],
    ["X-Frame-Options", options.frameOptions ?? "SAMEORIGIN"],
    ["Referrer-Policy", options.referrerPolicy ?? "strict-origin-when-cross-origin"],
    ["Permissions-Policy", formatPermissions(options.permissionsPolicy ?? PERMISSIONS)],
    ["Cross-Origin-Opener-Policy", options.crossOriginOpenerPolicy ?? "same-origin"],
    ["Cross-Origin-Resource-Policy", options.crossOriginResourcePolicy ?? "same-origin"],
    ["Cross-Origin-Embedder-Policy", options.crossOriginEmbedderPolicy ?? false],
    ["Origin-Agent-Cluster", "?1"],
  ];
  return HeaderList.from(
    fields.filter((field): field is readonly [string, string] => field[1] !== false),
  );
}

const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  camera: [],
  microphone: [],
  geolocation: [],
  payment: [],
  usb: [],
};

/** A structured dictionary: `camera=(), geolocation=(self "https://maps.example")`. */
function formatPermissions(
  policy: Readonly<Record<string, readonly string[]>> | false,
): string | false {
  if (policy === false) return false;
  return Object.entries(policy)
    .map(([feature, origins]) => {
      if (!/^[a-z][a-z0-9-]*$/.test(feature)) {
        throw new TypeError(`permissionsPolicy: ${JSON.stringify(feature)} is no feature`);
      }
      return `${feature}=(${origins.map(allowOrigin).join(" ")})`;
    })
    .join(", ");
}

function allowOrigin(origin: string): string {
  if (origin === "self" || origin === "*" || origin === "src") return origin;
  if (/^https?:\/\/[^\s"\\/,;()]+$/.test(origin)) return `"${origin}"`;
  const hint = 'use "self", "*" or an origin such as "https://maps.example"';
  throw new TypeError(`permissionsPolicy: ${JSON.stringify(origin)}: ${hint}`);
}

/** @throws RangeError, TypeError */
function formatHsts(options: HstsOptions | false): string | undefined {
  if (options === false) return undefined;
  const { maxAge = "180d", includeSubDomains = false, preload = false } = options;
  const seconds = Math.floor(parseDuration(maxAge) / 1000);
  // The rule of hstspreload.org.
  if (preload && (!includeSubDomains || seconds < 31_536_000)) {
    throw new TypeError("HSTS preload needs includeSubDomains and a maxAge of a year (365d)");
  }
  const subdomains = includeSubDomains ? "; includeSubDomains" : "";
  return `max-age=${seconds}${subdomains}${preload ? "; preload" : ""}`;
}
