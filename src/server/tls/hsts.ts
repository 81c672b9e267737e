import type { TlsSettings } from "../settings.ts";

/** The `Strict-Transport-Security` value of answers over TLS (RFC 6797 6.1), or undefined for none. */
export function hstsValue(
  settings: Pick<TlsSettings, "hstsSeconds" | "hstsIncludeSubdomains" | "hstsPreload">,
): string | undefined {
  if (settings.hstsSeconds <= 0) return undefined;
  let value = `max-age=${Math.floor(settings.hstsSeconds)}`;
  if (settings.hstsIncludeSubdomains) value += "; includeSubDomains";
  if (settings.hstsPreload) value += "; preload";
  return value;
}
