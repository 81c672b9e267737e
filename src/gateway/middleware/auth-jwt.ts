import type { JwtPublicKey, JwtSecret } from "../../auth/jwt/jwt-key.ts";
import type { JwtOptions, TokenPlace } from "../../auth/jwt/jwt.ts";
import { jwt } from "../../auth/jwt/jwt.ts";
import type { ClaimsSchema } from "../../auth/jwt/verify-jwt.ts";
import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { readPem } from "../settings.ts";

type JwtConfig = Extract<MiddlewareConfig["auth"], { type: "jwt" }>;

/** JSON Web Tokens. Reads public keys. */
export function jwtOf(settings: JwtConfig): Middleware {
  const { jwks, algorithms, issuer, audience, typ, realm, max_age_secs: maxAge } = settings;
  const options: JwtOptions<ClaimsSchema | undefined> = {
    ...(jwks === undefined ? { keys: keysOf(settings) } : { jwks: { url: jwks } }),
    ...(algorithms && { algorithms }),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(typ !== undefined && { type: typ }),
    ...(realm !== undefined && { realm }),
    ...(maxAge !== undefined && { maxAge: maxAge * 1000 }),
    leeway: settings.leeway_secs * 1000,
    cache: settings.cache_secs * 1000,
    requireExpiry: settings.require_expiry,
    from: placeOf(settings.from),
    ...(Object.keys(settings.claims).length > 0 && { claims: claimsSchema(settings.claims) }),
  };
  return jwt(options) as Middleware;
}

function keysOf({ secret, public_key, keys }: JwtConfig): (JwtSecret | JwtPublicKey)[] {
  const list = keys.length > 0 ? keys : [{ secret, public_key }];
  return list.map((key) => {
    const { kid, algorithm } = key as JwtConfig["keys"][number];
    const facts = { ...(kid !== undefined && { kid }), ...(algorithm && { algorithm }) };
    if (key.secret !== undefined) return { secret: key.secret, ...facts };
    return { publicKey: readPem(key.public_key as string), ...facts };
  });
}

function placeOf(from: string): TokenPlace {
  const [kind, name = ""] = from.split(":");
  if (kind === "cookie") return { cookie: name };
  return kind === "query" ? { query: name } : "header";
}

/** What tokens must say, as a Standard Schema. */
function claimsSchema(wanted: JwtConfig["claims"]): ClaimsSchema {
  const rules = Object.entries(wanted).map(([name, value]) => ({
    name,
    values: new Set<unknown>(Array.isArray(value) ? value : [value]),
  }));
  return {
    "~standard": {
      version: 1,
      vendor: "sluice",
      validate(claims) {
        const said = claims as Record<string, unknown>;
        const broken = rules.filter(
          ({ name, values }) => !itemsOf(name, said[name]).some((item) => values.has(item)),
        );
        return broken.length === 0
          ? { value: claims }
          : { issues: broken.map(({ name }) => ({ message: "is not it", path: [name] })) };
      },
    },
  };
}

/** A claim as a list. The scopes of one text are separated by spaces (RFC 8693 4.2). */
function itemsOf(name: string, claim: unknown): readonly unknown[] {
  if (Array.isArray(claim)) return claim;
  return name === "scope" && typeof claim === "string" ? claim.split(" ") : [claim];
}
