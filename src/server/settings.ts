import type { PathRules } from "../http/path.ts";
import { defaultPathRules } from "../http/path.ts";
import type { Observer } from "./engine.ts";
import type { Limits } from "./limits.ts";
import { defaultLimits } from "./limits.ts";
import type { ChallengeStore } from "./tls/challenges.ts";
import { MemoryChallengeStore } from "./tls/challenges.ts";

/** One certificate with its key, as PEM text. `names` are taken from the certificate unless given. */
export interface CertificateSettings {
  /** PEM: leaf first, then intermediates. */
  certificate: string;
  /** PEM private key. */
  key: string;
  /** Host names it is chosen for: exact, or `*.example.com` for one label. */
  names?: readonly string[];
  /** Where it was read from, for messages. */
  origin?: string;
}

export interface TlsSettings {
  /** The first one is the default, used when SNI is absent or matches none. */
  certificates: readonly CertificateSettings[];
  minVersion: "TLSv1.2" | "TLSv1.3";
  /** PEM of the CAs that client certificates are verified against; absent = no mTLS. */
  clientCa?: string;
  /** `required` refuses the handshake without a valid one; `optional` lets routes demand it. */
  clientAuth: "required" | "optional";
  /** `Strict-Transport-Security` on every answer over TLS: seconds, or 0 for none. */
  hstsSeconds: number;
  hstsIncludeSubdomains: boolean;
  hstsPreload: boolean;
}

/** The plain-HTTP listener beside a TLS one: redirects to https and answers ACME HTTP-01 tokens. */
export interface RedirectSettings {
  port: number;
  status: 301 | 308;
  /** An inherited listening descriptor instead of the port. */
  fd?: number | undefined;
}

/** Everything `serve` needs. A value, never global: any number of servers may run in one process. */
export interface ServerSettings {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** An inherited listening descriptor instead of host and port (workers, systemd). */
  fd: number | undefined;
  http2: boolean;
  /** Only with TLS. In a group of workers, one of them has it. */
  http3: boolean;
  /** Another process serves HTTP/3 on this port: advertise it. */
  http3Elsewhere: boolean;
  tls: TlsSettings | undefined;
  redirect: RedirectSettings | undefined;
  /** Answers to ACME HTTP-01 challenges, given on the redirecting listener. */
  challenges: ChallengeStore;
  limits: Limits;
  paths: PathRules;
  /** Milliseconds that open requests have to finish after `drain`. */
  drainMs: number;
  /**
   * Networks of proxies that begin each TCP connection with a PROXY header (versions 1 and 2); whoever else
   * connects is refused. Undefined = connections come from clients themselves.
   */
  proxyProtocol: readonly string[] | undefined;
  observer: Observer;
}

/** What a caller gives: anything left out has its default. */
export type ServeOptions = Partial<Omit<ServerSettings, "limits" | "paths" | "tls">> & {
  limits?: Partial<Limits>;
  paths?: Partial<PathRules>;
  tls?: Partial<TlsSettings> & Pick<TlsSettings, "certificates">;
};

export const defaultTls: Omit<TlsSettings, "certificates"> = {
  minVersion: "TLSv1.2",
  clientAuth: "required",
  hstsSeconds: 0,
  hstsIncludeSubdomains: false,
  hstsPreload: false,
};

export function resolveSettings(options: ServeOptions = {}): ServerSettings {
  return {
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 8080,
    fd: options.fd,
    http2: options.http2 ?? true,
    http3: options.http3 ?? true,
    http3Elsewhere: options.http3Elsewhere ?? false,
    tls: options.tls && { ...defaultTls, ...options.tls },
    redirect: options.redirect,
    challenges: options.challenges ?? new MemoryChallengeStore(),
    limits: { ...defaultLimits, ...options.limits },
    paths: { ...defaultPathRules, ...options.paths },
    drainMs: options.drainMs ?? 30_000,
    proxyProtocol: options.proxyProtocol,
    observer: options.observer ?? {},
  };
}
