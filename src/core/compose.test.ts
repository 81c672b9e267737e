import { expect, test } from "bun:test";
import { FakeExchange } from "../../test/support/fake-exchange.ts";
import { seededRandom } from "../../test/support/random.ts";
import { compose } from "./compose.ts";
import { Context } from "./context.ts";
import type { Middleware } from "./middleware.ts";
import { middleware } from "./middleware.ts";
import { Reply } from "./reply.ts";
import { steps } from "./steps.ts";

const later = async (): Promise<void> => {};

/** What one layer does, said twice: as steps and as a function around what is inside. */
function layer(
  name: string,
  told: string[],
  { waits, refuses, leaves }: { waits: boolean; refuses: boolean; leaves: boolean },
): { known: Middleware; plain: Middleware } {
  const enter = (c: Context): void | Promise<void> => {
    told.push(`> ${name}`);
    (c.vars as Record<string, unknown>)[name] = Object.keys(c.vars as object).length;
    if (refuses) throw new Error(`refused by ${name}`);
    return waits ? later() : undefined;
  };
  const leave = (c: Context, reply: Reply): Reply => {
    told.push(`< ${name}`);
    return reply.with(reply.headers.clone());
  };
  return {
    known: steps(name, leaves ? { enter, leave } : { enter }),
    plain: middleware(name, async (c, next) => {
      await enter(c);
      const reply = await next();
      return leaves ? leave(c, reply) : reply;
    }),
  };
}

async function outcome(layers: readonly Middleware[], inner: () => unknown): Promise<string> {
  const c = new Context(new FakeExchange("/"));
  const run = compose(layers, async () => {
    inner();
    return new Reply(JSON.stringify(c.vars));
  });
  try {
    return String((await run(c)).body);
  } catch (error) {
    return String(error);
  }
}

test("steps next to each other do what they do one by one, and what plain middleware does", async () => {
  let refusals = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const random = seededRandom(seed);
    const kinds = Array.from({ length: random.below(6) }, () => ({
      waits: random.below(3) === 0,
      refuses: random.below(12) === 0,
      leaves: random.below(2) === 0,
      known: random.below(4) > 0,
    }));
    const fails = random.below(8) === 0;
    const told: string[][] = [];
    const outcomes: string[] = [];
    for (const how of ["steps", "called", "plain"]) {
      const lines: string[] = [];
      told.push(lines);
      const layers = kinds.map((kind, i): Middleware => {
        const { known, plain } = layer(`layer-${i}`, lines, kind);
        if (how === "plain" || !kind.known) return plain;
        // Wrapped nobody knows that these are steps.
        return how === "steps" ? known : middleware("wrapped", (c, next) => known(c, next));
      });
      const inner = (): void => {
        lines.push("inside");
        if (fails) throw new Error("failed inside");
      };
      outcomes.push(await outcome(layers, inner));
    }
    if (outcomes[0]?.startsWith("Error: refused") === true) refusals++;
    expect([seed, told[0], outcomes[0]]).toEqual([seed, told[2], outcomes[2]]);
    expect([seed, told[1], outcomes[1]]).toEqual([seed, told[2], outcomes[2]]);
  }
  expect(refusals).toBeGreaterThan(50);
});

test("what answers at once does so through steps that do not wait", () => {
  const told: string[] = [];
  const quick = { waits: false, refuses: false, leaves: true };
  const layers = ["a", "b"].map((name) => layer(name, told, quick).known);
  const reply = compose(layers, () => new Reply("now"))(new Context(new FakeExchange("/")));
  expect(reply).toBeInstanceOf(Reply);
  expect(told).toEqual(["> a", "> b", "< b", "< a"]);
});

test("steps that a request was through are left out when it is routed anew", () => {
  const told: string[] = [];
  const quick = { waits: false, refuses: false, leaves: true };
  const [a, b, d] = ["a", "b", "d"].map((name) => layer(name, told, quick).known) as [
    Middleware,
    Middleware,
    Middleware,
  ];
  const c = new Context(new FakeExchange("/"));
  c.passed = new Set([a, d]);
  void compose([a, b, d], () => new Reply("now"))(c);
  expect(told).toEqual(["> b"]);
});
