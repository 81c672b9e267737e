/** The address of a server as a backend has it. @param host a name or an IP address */
export function backendUrl(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
