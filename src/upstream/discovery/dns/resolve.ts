import { exchangeTcp } from "./exchange-tcp.ts";
import { exchangeUdp } from "./exchange-udp.ts";
import type { DnsRecord, DnsReply, RecordOf, RecordType } from "./message.ts";
import { decodeReply, encodeQuery, recordTypes } from "./message.ts";
import type { Resolver, ResolverSettings } from "./resolvers.ts";
import { candidateNames } from "./resolvers.ts";

/** What DNS says of a name. */
export interface Resolved<T extends RecordType> {
  /** In no order; empty when the name has none of them, or does not exist. */
  readonly records: readonly RecordOf<T>[];
  /** Seconds for which that holds, aliases on the way counted. */
  readonly ttl: number;
  readonly additional: readonly DnsRecord[];
}

/** resolv.conf(5): for each server, and how often all of them. */
const TIMEOUT_MS = 2_000;
const ROUNDS = 2;
const NXDOMAIN = 3;
const CODES = ["", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
/** For which an answer holds that there is nothing. */
const NOTHING_TTL = 5;

/**
 * Asks DNS for the records of a name, which may be short where domains to search are known.
 * @throws Error when no server gives an answer
 */
export async function resolve<T extends RecordType>(
  name: string,
  type: T,
  settings: ResolverSettings,
  signal: AbortSignal,
): Promise<Resolved<T>> {
  let failure: unknown;
  for (const candidate of candidateNames(name, settings)) {
    try {
      const reply = await askAny(candidate, type, settings.resolvers, signal);
      const found = recordsOf(reply, candidate, type);
      if (found.records.length > 0) return found;
    } catch (error) {
      signal.throwIfAborted();
      // A domain that is broken does not hide the next one.
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure as Error;
  return { records: [], ttl: NOTHING_TTL, additional: [] };
}

/** The first server that knows: each in turn, and once more. */
async function askAny(
  name: string,
  type: RecordType,
  resolvers: readonly Resolver[],
  signal: AbortSignal,
): Promise<DnsReply> {
  let failure: Error | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    for (const resolver of resolvers) {
      signal.throwIfAborted();
      try {
        const reply = await ask(name, type, resolver, signal);
        if (reply.code === 0 || reply.code === NXDOMAIN) return reply;
        const code = CODES[reply.code] ?? `code ${reply.code}`;
        failure = new Error(`DNS server ${show(resolver)} answers ${code} to ${name} (${type})`);
      } catch (error) {
        const { message } = error as Error;
        failure = new Error(`DNS server ${show(resolver)} does not answer: ${message}`, {
          cause: error,
        });
      }
    }
  }
  throw failure ?? new Error("there is no DNS server to ask");
}

async function ask(
  name: string,
  type: RecordType,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<DnsReply> {
  const id = crypto.getRandomValues(new Uint16Array(1))[0] as number;
  const query = encodeQuery(id, name, type);
  const wanted = name.toLowerCase();
  const fits = ({ id: theirs, question }: DnsReply): boolean =>
    theirs === id && question?.type === recordTypes[type] && question.name === wanted;
  const limit = new AbortController();
  const stop = (): void => limit.abort(signal.reason);
  const timer = setTimeout(
    () => limit.abort(new Error(`nothing within ${TIMEOUT_MS} ms`)),
    TIMEOUT_MS,
  );
  signal.addEventListener("abort", stop, { once: true });
  try {
    const reply = await exchangeUdp(query, resolver, fits, limit.signal);
    if (!reply.truncated) return reply;
    const whole = decodeReply(await exchangeTcp(query, resolver, limit.signal));
    if (!fits(whole)) throw new Error("the answer is to another question");
    return whole;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** The records of a name, or of what it is another name for. */
function recordsOf<T extends RecordType>(
  { answers, additional }: DnsReply,
  name: string,
  type: T,
): Resolved<T> {
  let owner = name.toLowerCase();
  let ttl = Infinity;
  // An alias of an alias is allowed, and a circle ends with the answers.
  for (let steps = 0; steps <= answers.length; steps++) {
    const alias = answers.find((one) => one.type === "CNAME" && one.name === owner);
    if (alias?.type !== "CNAME") break;
    ttl = Math.min(ttl, alias.ttl);
    owner = alias.target;
  }
  const records = answers.filter((one) => one.type === type && one.name === owner) as RecordOf<T>[];
  for (const record of records) ttl = Math.min(ttl, record.ttl);
  return { records, ttl: ttl === Infinity ? NOTHING_TTL : ttl, additional };
}

function show({ host, port }: Resolver): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
