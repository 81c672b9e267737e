import { createHash } from "node:crypto";
import type { SecureContext } from "node:tls";
import { createSecureContext } from "node:tls";
import type { Connection, TlsInfo } from "../../core/exchange.ts";
import type { TlsFacts } from "../../runtime/tls-facts.ts";
import { canonicalName } from "../../runtime/tls-facts.ts";
import type { TlsContexts, TlsDefaults } from "../../runtime/tls-listener.ts";
import type { CertificateSettings, TlsSettings } from "../settings.ts";
import type { LoadedCertificate } from "./certificate.ts";
import { CertificateError, loadCertificate } from "./certificate.ts";
import { checkTls } from "./check-tls.ts";
import { ServedNames } from "./served-names.ts";

/** One certificate, ready for handshakes. */
interface Entry {
  readonly loaded: LoadedCertificate;
  readonly context: SecureContext;
  readonly served: ServedNames;
}

/** What one set of settings makes; replaced as a whole. */
interface Generation {
  readonly settings: TlsSettings;
  readonly defaults: TlsDefaults;
  readonly fallback: Entry;
  readonly exact: ReadonlyMap<string, Entry>;
  /** By what follows the first label, with its dot. */
  readonly wildcard: ReadonlyMap<string, Entry>;
  /** By everything a context is made of, so that what stays the same is not made anew. */
  readonly byIdentity: ReadonlyMap<string, Entry>;
  readonly byFingerprint: ReadonlyMap<string, Entry>;
}

/** TLS as a connection has it, with the names of the certificate it was served. */
interface ServedTls extends TlsInfo {
  readonly served: ServedNames;
}

/**
 * The certificates of a listener, chosen by server name. Replaced in one step: open connections keep the
 * certificate they began with, handshakes that begin afterwards see the new ones.
 */
export class CertificateStore implements TlsContexts {
  #now: Generation;
  #before: Generation | undefined;
  readonly #listeners = new Set<() => void>();

  /** @throws CertificateError listing everything that keeps the settings from being served */
  constructor(settings: TlsSettings) {
    this.#now = build(settings, undefined);
  }

  get defaults(): TlsDefaults {
    return this.#now.defaults;
  }

  /** The settings as they stand. */
  get settings(): TlsSettings {
    return this.#now.settings;
  }

  /** Which certificate each name is served with, `*.example.com` too, for transports with a table of their own. */
  byName(): Map<string, CertificateSettings> {
    const table = new Map<string, CertificateSettings>();
    for (const [name, entry] of this.#now.exact) table.set(name, entry.loaded.settings);
    for (const [rest, entry] of this.#now.wildcard) table.set(`*${rest}`, entry.loaded.settings);
    return table;
  }

  /** Puts `settings` in place of the present ones. @throws CertificateError and changes nothing */
  replace(settings: TlsSettings): void {
    const next = build(settings, this.#now);
    this.#before = this.#now;
    this.#now = next;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  select(serverName: string): SecureContext {
    return find(this.#now, serverName).context;
  }

  /** What a connection says of its TLS, from what its handshake settled. */
  describe(facts: Omit<TlsFacts, "servedFingerprint"> & { servedFingerprint?: string }): TlsInfo {
    const print = facts.servedFingerprint ?? "";
    // A handshake that began before a replacement was served from what stood then.
    const entry =
      this.#now.byFingerprint.get(print) ??
      this.#before?.byFingerprint.get(print) ??
      find(this.#now, facts.serverName ?? "");
    const info: ServedTls = {
      version: facts.version,
      cipher: facts.cipher,
      serverName: facts.serverName,
      alpn: facts.alpn,
      clientCertificate: facts.clientCertificate,
      served: entry.served,
    };
    return info;
  }
}

/**
 * Whether a request for `authority` may be answered on this connection: over TLS its certificate must stand
 * for the host, or the answer is 421 (RFC 9110 7.4, 15.5.20).
 */
export function covers(connection: Connection, authority: string): boolean {
  const tls = connection.tls as Partial<ServedTls> | undefined;
  return tls === undefined || tls.served?.covers(authority) === true;
}

function find(generation: Generation, serverName: string): Entry {
  if (serverName === "") return generation.fallback;
  const name = canonicalName(serverName);
  const exact = generation.exact.get(name);
  if (exact !== undefined) return exact;
  const dot = name.indexOf(".");
  const wildcard = dot > 0 ? generation.wildcard.get(name.slice(dot)) : undefined;
  return wildcard ?? generation.fallback;
}

function build(settings: TlsSettings, previous: Generation | undefined): Generation {
  const errors = checkTls(settings).filter((problem) => problem.severity === "error");
  const [first] = settings.certificates;
  if (errors.length > 0 || first === undefined) throw new CertificateError(errors);

  const exact = new Map<string, Entry>();
  const wildcard = new Map<string, Entry>();
  const byIdentity = new Map<string, Entry>();
  const byFingerprint = new Map<string, Entry>();
  for (const certificate of settings.certificates) {
    const identity = identify(certificate, settings);
    const entry = previous?.byIdentity.get(identity) ?? prepare(certificate, settings);
    byIdentity.set(identity, entry);
    byFingerprint.set(entry.loaded.leaf.fingerprint256, entry);
    for (const name of certificate.names ?? entry.loaded.names) {
      const host = canonicalName(name);
      const [table, key] = host.startsWith("*.")
        ? ([wildcard, host.slice(1)] as const)
        : ([exact, host] as const);
      // Of two certificates for one name the first is served.
      if (!table.has(key)) table.set(key, entry);
    }
  }
  const fallback = byIdentity.get(identify(first, settings)) as Entry;
  // The same object while it says the same, so that listeners keep the context whose keys seal tickets.
  const defaults =
    previous?.fallback === fallback ? previous.defaults : { ...pair(first), ...policy(settings) };
  return { settings, defaults, fallback, exact, wildcard, byIdentity, byFingerprint };
}

function prepare(certificate: CertificateSettings, settings: TlsSettings): Entry {
  const loaded = loadCertificate(certificate);
  // A client's certificate is verified against the context that was chosen: each needs the authorities.
  const context = createSecureContext({ ...pair(certificate), ...policy(settings) });
  const served = new ServedNames([...loaded.names, ...(certificate.names ?? [])]);
  return { loaded, context, served };
}

function pair(certificate: CertificateSettings): { cert: string; key: string } {
  return { cert: certificate.certificate, key: certificate.key };
}

function policy(settings: TlsSettings): Omit<TlsDefaults, "cert" | "key"> {
  const requestCert = settings.clientCa !== undefined;
  return {
    ...(settings.clientCa === undefined ? {} : { ca: settings.clientCa }),
    minVersion: settings.minVersion,
    requestCert,
    rejectUnauthorized: requestCert && settings.clientAuth === "required",
  };
}

/**
 * The context of the default certificate seals the session tickets of its listener, with the client
 * certificates they were opened with. So a change of what clients are verified against must make a new one:
 * no session outlives the authorities it was verified by.
 */
function identify(certificate: CertificateSettings, settings: TlsSettings): string {
  const parts = [
    certificate.certificate,
    certificate.key,
    (certificate.names ?? []).join(","),
    settings.clientCa ?? "",
    settings.clientAuth,
    settings.minVersion,
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}
