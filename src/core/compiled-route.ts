import { parseDuration } from "../internal/parse-duration.ts";
import { parseSize } from "../internal/parse-size.ts";
import type { Runner } from "./compose.ts";
import { compose, runnerOf } from "./compose.ts";
import type { Exchange } from "./exchange.ts";
import type { DeclaredRoute } from "./mounted.ts";
import { encodedReply } from "./result.ts";
import type { RouteFacts } from "./route.ts";
import type { PathPattern } from "./routing/path-pattern.ts";
import { literalPath, parsePath } from "./routing/path-pattern.ts";
import { compileEncode, plainStatus } from "./spec/encode.ts";
import { compilePrepare } from "./spec/prepare.ts";
import { withTimeout } from "./timeout.ts";

/** A route ready to run. */
export interface CompiledRoute {
  readonly declared: DeclaredRoute;
  readonly host: string | undefined;
  readonly pattern: PathPattern;
  rank: number;
  /** Undefined for any. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly when: ((exchange: Exchange) => boolean) | undefined;
  readonly facts: RouteFacts;
  readonly run: Runner;
}

/** Compiles a declared route, once for each variant of its path. */
export function compileRoute(
  declared: DeclaredRoute,
  anew: Required<Pick<RouteFacts, "redispatch" | "routedByHost">>,
): CompiledRoute[] {
  const { path, literal, methods, host, when, owner } = declared;
  const patterns = literal === true ? [literalPath(path)] : parsePath(path);
  const facts = factsOf(declared, owner.maxBody);
  const run = compileRunner(declared, facts);
  return patterns.map((pattern) => ({
    declared,
    host,
    pattern,
    rank: 0,
    methods: methods && withHead(methods),
    when,
    facts: { ...facts, params: pattern.names, ...anew },
    run,
  }));
}

function factsOf(declared: DeclaredRoute, defaultMaxBody: number): RouteFacts {
  const { path, host, methods, spec = {}, layers, place, owner } = declared;
  return {
    methods,
    host,
    path,
    name: declared.name ?? spec.name,
    summary: spec.summary,
    middleware: layers.map((layer) => layer.label ?? (layer.name || "anonymous")),
    place,
    spec,
    use: layers,
    params: [],
    owner,
    maxBody: spec.maxBody === undefined ? defaultMaxBody : parseSize(spec.maxBody),
    encode: compileEncode(spec),
    capture: declared.capture,
  };
}

/** HEAD is answered as GET without its body (RFC 9110 9.3.2). */
function withHead(methods: readonly string[]): ReadonlySet<string> {
  return new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
}

/** Middleware, then the time limit, then reading and checking, then the handler. */
function compileRunner(declared: DeclaredRoute, facts: RouteFacts): Runner {
  const { spec = {}, handler, layers } = declared;
  const prepare = compilePrepare(spec, facts.maxBody);
  const { encode } = facts;
  const answer = runnerOf(handler, encode && encodedReply(encode, plainStatus(spec)));
  let run: Runner = answer;
  if (prepare !== undefined) {
    run = (c) => {
      const ready = prepare(c);
      return ready === undefined ? answer(c) : ready.then(() => answer(c));
    };
  }
  if (spec.timeout !== undefined) run = withTimeout(parseDuration(spec.timeout), run);
  return declared.owner.services.around(compose(layers, run));
}
