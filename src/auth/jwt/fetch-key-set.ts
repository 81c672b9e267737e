/** Larger than any key set there is. */
const MAX_BYTES = 256 * 1024;

/**
 * The keys of a JWK Set (RFC 7517 5), not yet looked at.
 * @param timeoutMs for all of it
 * @throws Error saying what came instead
 */
export async function fetchKeySet(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  url: string,
  timeoutMs: number,
): Promise<readonly unknown[]> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`${url} did not answer within ${timeoutMs} ms`);
      reject(reason);
      abort.abort(reason);
    }, timeoutMs);
  });
  try {
    // A race, as not every fetch that is given here minds its signal.
    return await Promise.race([read(fetch, url, abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function read(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  url: string,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const headers = { accept: "application/jwk-set+json, application/json" };
  // A redirect could lead to where somebody else writes.
  const response = await fetch(url, { headers, signal, redirect: "error" });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const set: unknown = JSON.parse(await readText(response, url));
  const keys = typeof set === "object" && set !== null && (set as { keys?: unknown }).keys;
  if (!Array.isArray(keys)) throw new Error(`${url} is no key set: it has no list "keys"`);
  return keys;
}

/** @throws Error when it is too large */
async function readText(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = response.body?.getReader();
  let size = 0;
  let text = "";
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    size += next.value.byteLength;
    if (size > MAX_BYTES) {
      await reader?.cancel();
      throw new Error(`${url} is larger than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(next.value, { stream: true });
  }
  return text + decoder.decode();
}
