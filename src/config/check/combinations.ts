import { FieldNames } from "../../http/field-names.ts";
import { essenceOf } from "../../http/media-type.ts";
import { parseSize } from "../../internal/parse-size.ts";
import type { KeyPath } from "../path-key.ts";
import type { Config, MiddlewareConfig, RouteConfig } from "../schema/config.ts";
import type { Check, CheckContext } from "./check.ts";

type Table = Config["middleware"];

/** The middleware around a route, or around all of them, each with the place it is said at. */
interface Around {
  readonly of: <K extends keyof Table>(name: K) => MiddlewareConfig[K] | undefined;
  readonly at: (name: keyof Table) => KeyPath;
  readonly say: Say;
}

type Say = (
  severity: "error" | "warn",
  path: KeyPath,
  part: "key" | "value",
  message: string,
  help?: string,
) => void;

/** Settings of several middleware, or of one and its route, that do not go together. */
export const checkCombinations: Check = (context) => {
  const { middleware: defaults, route: routes } = context.config;
  const say = once(context);
  const around = (own: Table, at: KeyPath): Around => ({
    of: (name) => {
      const value = own[name] ?? defaults[name];
      const place = own[name] === undefined ? ["middleware", name] : [...at, name];
      return value === false || context.isDamaged(place) ? undefined : (value as never);
    },
    at: (name) => (own[name] === undefined ? ["middleware", name] : [...at, name]),
    say,
  });
  checkAround(context, around({}, []));
  for (const [index, route] of routes.entries()) {
    const at = ["route", index, "middleware"];
    const all = around(route.middleware, at);
    checkAround(context, all);
    if (!context.isDamaged(["route", index, "action"])) checkWithAction(context, all, route, at);
  }
};

/** What two routes have from the same default is said once. */
function once(context: CheckContext): Say {
  const said = new Set<string>();
  return (severity, path, part, message, help) => {
    const key = JSON.stringify([path, message]);
    if (said.has(key)) return;
    said.add(key);
    context[severity](path, part, message, help);
  };
}

function checkAround(context: CheckContext, all: Around): void {
  checkHeaders(context, all);
  checkService(context, all);
  checkNetworks(context, all);
  const limit = all.of("body_limit");
  const most = context.config.server.limits.body_bytes;
  if (limit !== undefined && most > 0 && parseSize(limit) > most) {
    const message = `${context.name(all.at("body_limit"))} has no effect: server.limits.body_bytes lets no more than ${most} bytes in`;
    all.say("warn", all.at("body_limit"), "value", message, "help: raise that one too");
  }
}

/** Fields that one setting gives and another takes or replaces. */
function checkHeaders(context: CheckContext, all: Around): void {
  const headers = all.of("headers");
  if (headers === undefined) return;
  for (const side of ["request", "response"] as const) {
    const { set, add, remove } = headers[side];
    const removed = new Set(remove.map((name) => name.toLowerCase()));
    for (const kind of ["set", "add"] as const) {
      for (const name of Object.keys({ set, add }[kind])) {
        if (!removed.has(name.toLowerCase())) continue;
        const path = [...all.at("headers"), side, kind, name];
        const why = kind === "set" ? "set is enough" : "use set";
        const message = `${context.name(path)} is in remove too: ${why}`;
        all.say("error", path, "key", message);
      }
    }
  }
  const { set, add, remove } = headers.request;
  const at = [...all.at("headers"), "request"];
  const auth = all.of("auth");
  const id = all.of("request_id");
  const copied = new FieldNames(auth?.type === "forward" ? auth.copy_headers : []);
  const given = (name: string): string | undefined => {
    if (copied.has(name)) return `${context.name(all.at("auth"))}.copy_headers`;
    const isId = id !== undefined && id.header.toLowerCase() === name.toLowerCase();
    return isId ? `${context.name(all.at("request_id"))}.header` : undefined;
  };
  const places = [
    ...remove.map((name, index) => ({
      name,
      path: [...at, "remove", index],
      part: "value" as const,
    })),
    ...Object.keys(set).map((name) => ({ name, path: [...at, "set", name], part: "key" as const })),
    ...Object.keys(add).map((name) => ({ name, path: [...at, "add", name], part: "key" as const })),
  ];
  for (const { name, path, part } of places) {
    const by = given(name);
    if (by === undefined) continue;
    const message = `${context.name(path)} changes ${JSON.stringify(name)}, which ${by} gives to the action`;
    all.say("error", path, part, message, "help: leave one of them out");
  }
}

/** A service that cannot see what its answers are kept by, or is this server. */
function checkService(context: CheckContext, all: Around): void {
  const auth = all.of("auth");
  if (auth?.type !== "forward") return;
  const at = all.at("auth");
  const { cache, request_headers: sent, url } = auth;
  const seen = sent && new FieldNames(sent);
  for (const [index, key] of (cache?.by ?? []).entries()) {
    const name = key.startsWith("cookie:") ? "Cookie" : key.slice("header:".length);
    if (seen === undefined || seen.has(name)) continue;
    const path = [...at, "cache", "by", index];
    const message = `${context.name(path)} is ${JSON.stringify(key)}, but request_headers does not let the service see ${name}`;
    all.say(
      "error",
      path,
      "value",
      message,
      `help: add ${JSON.stringify(name)} to request_headers`,
    );
  }
  const { host, port } = context.config.server;
  const { hostname, port: asked } = new URL(url ?? "http://service.invalid");
  const here = ["localhost", "127.0.0.1", "[::1]", host];
  if (url === undefined || Number(asked || (url.startsWith("https") ? 443 : 80)) !== port) return;
  if (!here.includes(hostname)) return;
  const message = `${context.name([...at, "url"])} is this server itself: a route that answers it must have auth = false`;
  all.say("warn", [...at, "url"], "value", message);
}

/** Whoever is denied is not allowed, whatever is said beside it. */
function checkNetworks(context: CheckContext, all: Around): void {
  const filter = all.of("ip_filter");
  if (filter?.allow === undefined) return;
  for (const [index, network] of filter.deny.entries()) {
    if (!filter.allow.includes(network)) continue;
    const path = [...all.at("ip_filter"), "deny", index];
    const message = `${context.name(path)} is ${JSON.stringify(network)}, which allow has too: nobody of it is let in`;
    all.say("error", path, "value", message);
  }
}

/** What stands around a route that answers by itself, and what of that it can never show. */
function checkWithAction(
  context: CheckContext,
  all: Around,
  { action, middleware: own }: RouteConfig,
  at: KeyPath,
): void {
  if (action.type !== "respond") return;
  const { rewrite, rewrite_response: response } = own;
  const leads = (rule: MiddlewareConfig["rewrite"][number]): boolean =>
    rule.redirect !== undefined || rule.go === "route";
  if (rewrite && !action.values && !rewrite.some(leads) && all.of("rewrite") !== undefined) {
    const path = [...at, "rewrite"];
    const message = `${context.name(path)} changes nothing: this action answers every address alike`;
    all.say("error", path, "key", message, 'help: redirect = 302 or go = "route" leads elsewhere');
  }
  const type = action.content_type === undefined ? undefined : essenceOf(action.content_type);
  if (!response || all.of("rewrite_response") === undefined || type === undefined) return;
  const isLookedAt = response.types.some(
    (one) => one === type || one === `${type.slice(0, type.indexOf("/"))}/*`,
  );
  if (response.body.length === 0 || isLookedAt) return;
  const path = [...at, "rewrite_response", "body"];
  const message = `${context.name(path)} changes nothing: the answer is ${type}, which types does not have`;
  all.say("error", path, "key", message, `help: types = [${JSON.stringify(type)}]`);
}
