import type { Gateway } from "./gateway.ts";

/** A server that answers with its name; `/slow` only once it is let go. */
export function namedOrigin(name: string, hostname = "127.0.0.1", port = 0) {
  const held: (() => void)[] = [];
  let arrived = 0;
  const server = Bun.serve({
    port,
    hostname,
    idleTimeout: 60,
    async fetch(request) {
      arrived++;
      if (new URL(request.url).pathname !== "/slow") return new Response(name);
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(`${name} begins, `));
          held.push(() => {
            controller.enqueue(new TextEncoder().encode("and ends"));
            controller.close();
          });
        },
      });
      return new Response(stream);
    },
  });
  return {
    address: `${hostname}:${server.port as number}`,
    port: server.port as number,
    get arrived() {
      return arrived;
    },
    letGo: () => {
      for (const one of held.splice(0)) one();
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** Who answers, sorted: each of as many requests as it takes to meet all. */
export async function whoAnswers(
  { port }: Pick<Gateway, "port">,
  requests = 12,
): Promise<string[]> {
  const names = new Set<string>();
  for (let i = 0; i < requests; i++) {
    const reply = await fetch(`http://127.0.0.1:${port}/`);
    names.add(reply.ok ? await reply.text() : `status ${reply.status}`);
  }
  return [...names].toSorted();
}

/** Waits until those answer, and nobody else does. */
export async function untilAnswer(
  gateway: Pick<Gateway, "port">,
  ...names: string[]
): Promise<void> {
  while (!Bun.deepEquals(await whoAnswers(gateway), names.toSorted())) await Bun.sleep(10);
}
