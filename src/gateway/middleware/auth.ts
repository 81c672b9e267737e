import { readFileSync } from "node:fs";
import { basicAuth } from "../../auth/basic-auth/basic-auth.ts";
import { bearerAuth } from "../../auth/bearer-auth/bearer-auth.ts";
import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { forwardAuthOf } from "./auth-forward.ts";
import { jwtOf } from "./auth-jwt.ts";
import type { MiddlewareParts } from "./parts.ts";

type AuthConfig = MiddlewareConfig["auth"];

/** Who is let in. Reads the file of users. */
export function authOf(settings: AuthConfig, parts: MiddlewareParts): Middleware {
  switch (settings.type) {
    case "bearer":
      return bearerOf(settings);
    case "basic":
      return basicOf(settings);
    case "jwt":
      return jwtOf(settings);
    case "forward":
      return forwardAuthOf(settings, parts);
  }
}

function bearerOf(settings: Extract<AuthConfig, { type: "bearer" }>): Middleware {
  const { token, token_env: fromEnvironment, tokens, realm } = settings;
  const given = [token, fromEnvironment, ...tokens].filter((one) => one !== undefined);
  return bearerAuth({ tokens: given, ...(realm !== undefined && { realm }) }) as Middleware;
}

function basicOf(settings: Extract<AuthConfig, { type: "basic" }>): Middleware {
  const { users = {}, htpasswd, realm } = settings;
  const list = Object.entries(users).map(([username, password]) => ({ username, password }));
  return basicAuth({
    ...(htpasswd === undefined ? { users: list } : { htpasswd: readFileSync(htpasswd, "utf8") }),
    ...(realm !== undefined && { realm }),
  }) as Middleware;
}
