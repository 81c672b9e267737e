/** Why a server could not start, for people: what happened and what to do. Undefined for what is no such problem. */
export function startProblem(
  error: unknown,
  host: string,
  port: number,
): { message: string; help: string } | undefined {
  const where = `${host}:${port}`;
  switch ((error as { code?: string }).code) {
    case "EADDRINUSE":
      return {
        message: `port ${port} on ${host} is in use by another program`,
        help: `choose another one with --port ${port === 8080 ? 8081 : 8080} (0 lets the system choose), or find out who has it: ss -ltnp 'sport = :${port}'`,
      };
    case "EACCES":
    case "EPERM":
      return {
        message: `not allowed to listen on ${where}`,
        help:
          port > 0 && port < 1024
            ? `ports below 1024 need a privilege: use --port 8080, start as root with "user" in [server], or run: sudo setcap cap_net_bind_service=+ep "$(command -v bun)"`
            : "ask the system's administrator, or choose another port",
      };
    case "EADDRNOTAVAIL":
      return {
        message: `${host} is no address of this machine`,
        help: "use 127.0.0.1 for this machine only, 0.0.0.0 for every IPv4 address, :: for every address",
      };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "DNS_ENOTFOUND":
      return { message: `the host name ${host} cannot be resolved`, help: "use an IP address" };
    default:
      return undefined;
  }
}
