import { fromBase64Url, toBase64Url } from "../internal/base64url.ts";

interface KeyPair {
  readonly signing: CryptoKey;
  readonly encryption: CryptoKey;
}

const MIN_SECRET_BYTES = 32;
const IV_BYTES = 12;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Signs (HMAC-SHA256) and encrypts (AES-256-GCM) values that a client keeps. A value is bound to the name it
 * was made for, so that one cookie cannot be passed off as another.
 *
 * Keys are rotated by putting a new secret first: it signs, and all of them verify.
 * @example
 * const keys = new CookieKeys([process.env.COOKIE_SECRET, process.env.OLD_COOKIE_SECRET]);
 */
export class CookieKeys {
  readonly #secrets: readonly string[];
  #pairs: Promise<readonly KeyPair[]> | undefined;

  /**
   * @param secrets at least 32 bytes each, random: `openssl rand -base64 32`
   * @throws TypeError when there is none, or one is too short
   */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0) throw new TypeError("cookie keys need at least one secret");
    const isShort = (secret: unknown) =>
      typeof secret !== "string" || encoder.encode(secret).byteLength < MIN_SECRET_BYTES;
    const short = secrets.findIndex(isShort);
    if (short >= 0) {
      throw new TypeError(
        `cookie secret ${short + 1} of ${secrets.length} is missing or shorter than ${MIN_SECRET_BYTES} bytes: make one with "openssl rand -base64 32"`,
      );
    }
    this.#secrets = [...secrets];
  }

  /** `value.signature`; the value stays readable. */
  async sign(name: string, value: string): Promise<string> {
    const { signing } = (await this.#keys())[0] as KeyPair;
    const signature = await crypto.subtle.sign("HMAC", signing, signed(name, value));
    return `${value}.${toBase64Url(new Uint8Array(signature))}`;
  }

  /** The value of what {@link sign} made with any of the keys for this name, else undefined. */
  async verify(name: string, text: string): Promise<string | undefined> {
    const dot = text.lastIndexOf(".");
    const signature = dot < 0 ? undefined : fromBase64Url(text.slice(dot + 1));
    if (signature?.byteLength !== 32) return undefined;
    const value = text.slice(0, dot);
    for (const { signing } of await this.#keys()) {
      // Compares in constant time.
      if (await crypto.subtle.verify("HMAC", signing, signature, signed(name, value))) return value;
    }
    return undefined;
  }

  /** The value unreadable to whoever has no key. Random each time. */
  async encrypt(name: string, value: string): Promise<string> {
    const { encryption } = (await this.#keys())[0] as KeyPair;
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const data = encoder.encode(value);
    const sealed = await crypto.subtle.encrypt(gcm(iv, name), encryption, data);
    const all = new Uint8Array(IV_BYTES + sealed.byteLength);
    all.set(iv);
    all.set(new Uint8Array(sealed), IV_BYTES);
    return toBase64Url(all);
  }

  /** What {@link encrypt} hid with any of the keys for this name, else undefined. */
  async decrypt(name: string, text: string): Promise<string | undefined> {
    const all = fromBase64Url(text);
    if (all === undefined || all.byteLength < IV_BYTES + 16) return undefined;
    const [iv, sealed] = [all.slice(0, IV_BYTES), all.slice(IV_BYTES)];
    for (const { encryption } of await this.#keys()) {
      try {
        return decoder.decode(await crypto.subtle.decrypt(gcm(iv, name), encryption, sealed));
      } catch {
        // Another key, or forged: which of them is nobody's business.
      }
    }
    return undefined;
  }

  #keys(): Promise<readonly KeyPair[]> {
    return (this.#pairs ??= Promise.all(this.#secrets.map(derive)));
  }
}

function gcm(iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: encoder.encode(name) };
}

/** A name holds no "=", so no two pairs are the same bytes. */
function signed(name: string, value: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${name}=${value}`);
}

/** Two keys of one secret, so that signing and encrypting share none (RFC 5869). */
async function derive(secret: string): Promise<KeyPair> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
    "deriveKey",
  ]);
  const hkdf = (info: string): HkdfParams => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(),
    info: encoder.encode(info),
  });
  const [signing, encryption] = await Promise.all([
    crypto.subtle.deriveKey(
      hkdf("sluice cookie signature"),
      material,
      { name: "HMAC", hash: "SHA-256", length: 256 },
      false,
      ["sign", "verify"],
    ),
    crypto.subtle.deriveKey(
      hkdf("sluice cookie encryption"),
      material,
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    ),
  ]);
  return { signing, encryption };
}
