import { isIP } from "node:net";
import type { Check } from "./check.ts";

const NAME =
  /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;

/** Addresses and ports, and that no two listeners want the same. */
export const checkListeners: Check = (context) => {
  const { server, admin } = context.config;
  checkHost(context, ["server", "host"], server.host);
  if (admin !== undefined) {
    checkHost(context, ["admin", "host"], admin.host);
    if (admin.port === server.port && server.port !== 0 && overlap(admin.host, server.host)) {
      context.error(
        context.isSet(["admin", "port"]) ? ["admin", "port"] : ["server", "port"],
        "value",
        `the admin listener and the server both want port ${server.port}`,
        "help: give one of them another port",
      );
    }
  }
  const redirect = server.tls?.redirect;
  if (redirect === undefined) return;
  const at = ["server", "tls", "redirect"];
  if (redirect.port === server.port) {
    context.error(
      context.isSet([...at, "port"]) ? [...at, "port"] : at,
      "value",
      `the redirect listener and the server both want port ${server.port}`,
      "help: HTTPS is usually on 443 and the redirect on 80",
    );
  }
  if (admin?.port === redirect.port && overlap(admin.host, server.host)) {
    context.error(
      [...at, "port"],
      "value",
      `the redirect listener and the admin listener both want port ${redirect.port}`,
    );
  }
};

function checkHost(context: Parameters<Check>[0], path: readonly string[], host: string): void {
  if (isIP(host) !== 0 || (NAME.test(host) && !/^[\d.]+$/.test(host))) return;
  const [, bare, port] = /^(.*):(\d+)$/.exec(host) ?? [];
  const help =
    host === "*"
      ? 'help: "0.0.0.0" is every IPv4 address, "::" every address'
      : bare !== undefined && isIP(host) === 0
        ? `help: the port goes into its own key: port = ${port}`
        : /^\[.*\]$/.test(host)
          ? "help: an IPv6 address is written without brackets here"
          : undefined;
  context.error(
    path,
    "value",
    `${path.join(".")} must be an IP address or a host name, not ${JSON.stringify(host)}`,
    help,
  );
}

/** Whether two listeners' addresses can meet. */
export function overlap(a: string, b: string): boolean {
  const any = (host: string) => host === "0.0.0.0" || host === "::";
  return a === b || any(a) || any(b);
}
