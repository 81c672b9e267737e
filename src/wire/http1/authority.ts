// RFC 3986 3.2.2 without user information: a registered name, an IPv4 address or a bracketed IPv6 one.
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9\-._~!$&'()*+,;=%]{1,255})(?::\d{1,5})?$/;

/** Whether `host` is a host name or address with an optional port, as Host and `:authority` must be. */
export function isAuthority(host: string): boolean {
  return AUTHORITY.test(host);
}

/** Whether `authority` names a port too, as CONNECT requires (RFC 9112 3.2.3). */
export function hasPort(authority: string): boolean {
  return /:\d{1,5}$/.test(authority);
}
