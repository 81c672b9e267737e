import { isIP } from "node:net";
import { showOrigin } from "../config/origin.ts";
import type { RouteConfig } from "../config/schema/config.ts";
import type { Exchange } from "../core/exchange.ts";
import { FetchExchange } from "../core/fetch-exchange.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Explanation } from "../gateway/explain.ts";
import { explain, routesInOrder } from "../gateway/explain.ts";
import type { Arguments } from "./command.ts";
import { UsageError } from "./command.ts";
import { loadRequest } from "./config-options.ts";
import type { CheckedConfig } from "./load-or-report.ts";
import { loadOrReport } from "./load-or-report.ts";
import type { Shell } from "./shell.ts";
import { styles } from "./shell.ts";

/** Lists the routes of a configuration, or tells which of them answers a request. @returns the exit code */
export function configRoutes(options: Arguments["options"], shell: Shell): number {
  const request = loadRequest({ options, positionals: [] }, shell);
  const loaded = loadOrReport({ ...request, withoutSecrets: true }, shell);
  if (loaded === undefined) return 1;
  const asked = options["explain"];
  if (typeof asked === "string") return explainRequest(loaded, asked, options, shell);
  const routes = routesInOrder(loaded.config);
  if (options["json"] === true) {
    const all = routes.map(({ index, route }) => toJson(loaded, index, route));
    shell.out(`${JSON.stringify(all, undefined, 2)}\n`);
  } else if (routes.length === 0) shell.out("no routes\n");
  else {
    const width = Math.max(...routes.map(({ route }) => matchText(route).length));
    const { dim } = styles(shell.color("out"));
    for (const { index, route } of routes) {
      const text = `${matchText(route).padEnd(width)}  ${actionText(route)}`;
      shell.out(`${text}  ${dim(placeOf(loaded, index))}\n`);
    }
  }
  return 0;
}

function explainRequest(
  loaded: CheckedConfig,
  asked: string,
  options: Arguments["options"],
  shell: Shell,
): number {
  const exchange = exchangeOf(asked, options);
  const steps = explain(loaded.config, exchange);
  const answering = steps.find(({ answers }) => answers);
  if (options["json"] === true) {
    const all = steps.map(({ index, route, answers, missing }) => {
      return { ...toJson(loaded, index, route), answers, ...(missing && { missing }) };
    });
    shell.out(`${JSON.stringify(all, undefined, 2)}\n`);
    return answering === undefined ? 1 : 0;
  }
  const { green, dim } = styles(shell.color("out"));
  for (const { index, route, answers, missing } of steps) {
    const mark = answers ? green("answers") : dim("passes ");
    const why = missing === undefined ? actionText(route) : whyNot(missing);
    shell.out(`${mark}  ${matchText(route)}  ${why}  ${dim(placeOf(loaded, index))}\n`);
  }
  if (answering === undefined) shell.out("no route answers: 404\n");
  return answering === undefined ? 1 : 0;
}

function whyNot({ name, wanted, sent }: NonNullable<Explanation["missing"]>): string {
  return `${name}: ${wanted} wanted, ${sent === "" ? "nothing sent" : `${sent} sent`}`;
}

/** `GET https://host/path`, or only `/path`, with the fields and the client of the options. */
function exchangeOf(asked: string, options: Arguments["options"]): Exchange {
  const headers = headersOf(options["header"]);
  const found = /^(?:(\S+)\s+)?(https?:\/\/\S+|\/\S*)$/.exec(asked.trim());
  const text = found?.[2]?.replace(/^(?=\/)/, `http://${headers.get("host") ?? "localhost"}`);
  const url = text === undefined ? null : URL.parse(text);
  if (found === null || url === null) {
    const help = '--explain "GET https://example.com/path"';
    throw new UsageError(`${JSON.stringify(asked)} is no request: a method and an address`, help);
  }
  const client = options["client"];
  if (typeof client === "string" && isIP(client) === 0) {
    throw new UsageError(`--client must be an IP address, not ${JSON.stringify(client)}`);
  }
  const base = new FetchExchange(new Request(url));
  const remoteAddress = typeof client === "string" ? client : "127.0.0.1";
  return Object.create(base, {
    method: { value: found[1] ?? "GET" },
    headers: { value: headers },
    closed: { value: false },
    connection: { value: { ...base.connection, remoteAddress } },
  }) as Exchange;
}

function headersOf(lines: string | true | undefined): HeaderList {
  const headers = new HeaderList();
  if (typeof lines !== "string") return headers;
  for (const line of lines.split("\n")) {
    const colon = line.indexOf(":");
    try {
      if (colon < 1) throw new TypeError("it has no name");
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    } catch (error) {
      const why = (error as Error).message;
      throw new UsageError(`${JSON.stringify(line)} is no field: ${why}`, '-H "X-A: 1"');
    }
  }
  return headers;
}

/** What a route matches by, in one line. */
function matchText({ match, priority }: RouteConfig): string {
  const { host, path, method, ...rest } = match;
  const methods = method === undefined ? "any" : [method].flat().join(",");
  const where = [host ?? ""].flat().flatMap((one) => [path].flat().map((each) => one + each));
  const more = Object.entries(rest).filter(([, value]) => value !== undefined);
  const conditions = more.map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const ranked = priority === 0 ? [] : [`priority ${priority}`];
  return [methods, where.join(" "), ...conditions, ...ranked].join("  ");
}

function actionText({ action, name }: RouteConfig): string {
  const text = `${action.type} ${whatOf(action)}`.trim();
  return name === undefined ? text : `${text} (${name})`;
}

function whatOf(action: RouteConfig["action"]): string {
  switch (action.type) {
    case "static":
      return action.root;
    case "redirect":
      return action.to;
    case "respond":
      return String(action.status);
    case "app":
      return action.module;
    case "proxy":
      return action.upstream;
    case "mirror":
      return `${action.upstream}, copies to ${action.copy_to}`;
    case "wasm":
      return action.module;
    case "split":
      return action.choices.map(({ upstream, weight }) => `${upstream} ${weight}`).join(", ");
  }
}

function placeOf(loaded: CheckedConfig, index: number): string {
  return showOrigin(loaded.tree.nearest(["route", index]));
}

function toJson(
  loaded: CheckedConfig,
  index: number,
  { name, match, action }: RouteConfig,
): object {
  return { place: placeOf(loaded, index), name, match, action: action.type };
}
