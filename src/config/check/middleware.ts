import { readFileSync } from "node:fs";
import { Htpasswd } from "../../auth/basic-auth/htpasswd.ts";
import { prepareKey } from "../../auth/jwt/jwt-key.ts";
import type { KeyPath } from "../path-key.ts";
import type { Config, MiddlewareConfig } from "../schema/config.ts";
import { isPem, reason } from "../values.ts";
import type { Check, CheckContext } from "./check.ts";
import { checkUpstreamName } from "./upstream-name.ts";
import { checkTextRules } from "./text-rules.ts";
import { checkRewrite } from "./rewrite.ts";
import { checkTogether } from "./middleware-together.ts";
import { checkWasmLayers } from "./wasm.ts";

type Table = Config["middleware"];
type AuthConfig = MiddlewareConfig["auth"];

/** Files and keys of middleware, and what makes sense only together. */
export const checkMiddleware: Check = (context) => {
  const { middleware: defaults, route: routes } = context.config;
  checkTable(context, ["middleware"], defaults);
  for (const [index, { middleware: own }] of routes.entries()) {
    const at = ["route", index, "middleware"];
    checkTable(context, at, own);
    checkRemoved(context, at, own, defaults);
    checkUserLimit(context, at, own, defaults);
  }
};

function checkTable(context: CheckContext, at: KeyPath, table: Table): void {
  checkWasmLayers(context, table.wasm, [...at, "wasm"]);
  if (table.auth) checkAuth(context, [...at, "auth"], table.auth);
  if (table.rewrite) checkRewrite(context, [...at, "rewrite"], table.rewrite);
  checkTextRules(context, at, table);
  checkTogether(context, at, table);
}

/** What is taken away has to be there. */
function checkRemoved(context: CheckContext, at: KeyPath, own: Table, defaults: Table): void {
  for (const name of Object.keys(own) as (keyof Table)[]) {
    if (own[name] !== false || defaults[name]) continue;
    if (context.isDamaged(["middleware", name])) continue;
    const message = `${context.name([...at, name])} takes nothing away: [middleware] has no ${name}`;
    context.warn([...at, name], "key", message, "help: leave it out");
  }
}

function checkUserLimit(context: CheckContext, at: KeyPath, own: Table, defaults: Table): void {
  const limit = own.rate_limit ?? defaults.rate_limit;
  const auth = own.auth ?? defaults.auth;
  const isNamed = auth && (auth.type !== "forward" || auth.user_header !== undefined);
  if (!limit || limit.key !== "user" || isNamed) return;
  if (context.isDamaged([...at, "auth"]) || context.isDamaged(["middleware", "auth"])) return;
  const table = own.rate_limit === undefined ? ["middleware"] : at;
  const place = [...table, "rate_limit", "key"];
  const route = context.name(at.slice(0, -1));
  const why = auth ? "its auth has no user_header" : `${route} has no auth`;
  const message = `${context.name(place)} is "user", but ${why}, so nobody has a name there`;
  const help = auth ? 'user_header = "Remote-User"' : "auth = { … }";
  context.error(place, "value", message, `help: add ${help} to it, or set key = "client"`);
}

function checkAuth(context: CheckContext, at: KeyPath, auth: AuthConfig): void {
  switch (auth.type) {
    case "bearer":
      return checkTokens(context, at, auth);
    case "basic":
      return checkUsers(context, at, auth);
    case "jwt":
      return checkKeys(context, at, auth);
    case "forward":
      return checkService(context, at, auth);
  }
}

type AuthOf<T> = Extract<AuthConfig, { type: T }>;

// RFC 6750 2.1. Behind env: and file:, so no pattern in the JSON Schema could know.
const TOKEN = /^(?=.{16})[A-Za-z0-9\-._~+/]+=*$/;

function checkTokens(context: CheckContext, at: KeyPath, auth: AuthOf<"bearer">): void {
  const { token, token_env: variable, tokens } = auth;
  if (token === undefined && variable === undefined && tokens.length === 0) {
    const message = `${context.name(at)} needs token_env, token or tokens: without one nobody is let in`;
    if (!context.isDamaged(at)) context.error(at, "key", message);
  }
  const check = (value: string | undefined, path: KeyPath): void => {
    if (value === undefined || TOKEN.test(value)) return;
    const message = `${context.name(path)} must be 16 or more characters of A-Z a-z 0-9 - . _ ~ + /`;
    context.error(path, "value", message, 'help: "openssl rand -hex 32" makes such a token');
  };
  check(variable, [...at, "token_env"]);
  check(token, [...at, "token"]);
  for (const [index, one] of tokens.entries()) {
    const place = [...at, "tokens", index];
    if (typeof one === "string") check(one, place);
    else check(one.token, [...place, "token"]);
  }
}

function checkUsers(context: CheckContext, at: KeyPath, auth: AuthOf<"basic">): void {
  const { users = {}, htpasswd } = auth;
  const hasUsers = Object.keys(users).length > 0;
  if (hasUsers === (htpasswd !== undefined) && !context.isDamaged(at)) {
    const message = hasUsers
      ? "has both users and htpasswd: leave one out"
      : "needs users or htpasswd: without one nobody is let in";
    context.error(at, "key", `${context.name(at)} ${message}`);
  }
  if (htpasswd === undefined) return;
  const path = [...at, "htpasswd"];
  const text = readText(context, path, htpasswd);
  if (text !== undefined) attempt(context, path, () => new Htpasswd(text));
}

function checkKeys(context: CheckContext, at: KeyPath, auth: AuthOf<"jwt">): void {
  const { keys, algorithms } = auth;
  const given = [auth.secret, auth.public_key, auth.jwks, keys[0]];
  if (given.filter((one) => one !== undefined).length !== 1 && !context.isDamaged(at)) {
    const message = "needs exactly one of secret, public_key, keys and jwks";
    context.error(at, "key", `${context.name(at)} ${message}`);
  }
  checkKey(context, at, auth, algorithms);
  for (const [index, key] of keys.entries()) {
    const place = [...at, "keys", index];
    if ((key.secret === undefined) === (key.public_key === undefined)) {
      context.error(place, "key", `${context.name(place)} needs either secret or public_key`);
    } else checkKey(context, place, key, algorithms);
  }
}

type Key = Partial<AuthOf<"jwt">["keys"][number]>;

function checkKey(
  context: CheckContext,
  at: KeyPath,
  { secret, public_key: file, kid, algorithm }: Key,
  listed: AuthOf<"jwt">["algorithms"],
): void {
  const facts = { ...(kid !== undefined && { kid }), ...(algorithm && { algorithm }) };
  if (secret !== undefined) {
    attempt(context, [...at, "secret"], () => prepareKey({ secret, ...facts }, listed));
  }
  if (file === undefined) return;
  const path = [...at, "public_key"];
  const publicKey = isPem(file) ? file : readText(context, path, file);
  if (publicKey === undefined) return;
  attempt(context, path, () => prepareKey({ publicKey, ...facts }, listed));
}

function checkService(context: CheckContext, at: KeyPath, auth: AuthOf<"forward">): void {
  const { upstream, url, path } = auth;
  if ((upstream === undefined) === (url === undefined)) {
    if (context.isDamaged(at)) return;
    const message = upstream === undefined ? "needs upstream or url" : "has both upstream and url";
    context.error(at, "key", `${context.name(at)} ${message}: one of them says who is asked`);
  } else if (upstream !== undefined) {
    checkUpstreamName(context, [...at, "upstream"], upstream);
  } else if (path !== undefined) {
    const message = `${context.name([...at, "path"])} goes with upstream: write it into url`;
    context.error([...at, "path"], "key", message);
  }
}

function attempt(context: CheckContext, path: KeyPath, make: () => unknown): void {
  try {
    make();
  } catch (error) {
    const why = (error as Error).message.replace(/^(?:jwt|htpasswd): /, "");
    context.error(path, "value", `${context.name(path)}: ${why}`);
  }
}

function readText(context: CheckContext, path: KeyPath, file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    context.error(path, "value", `cannot read ${file}: ${reason(error)}`);
    return undefined;
  }
}
