import { parentPort } from "node:worker_threads";
import { SIGNAL, WAKES_AT, WatchedSlot } from "./deadline-slot.ts";
import type { WatchdogOrder } from "./watchdog.ts";

/** The thread that stops guests. It sleeps until the next deadline, and is woken for a nearer one or an order. */
const port = parentPort;
if (port === null) throw new Error("the watchdog is started as a thread");

const slots = new Map<number, WatchedSlot>();
let signal: Int32Array | undefined;
let wakesAt: Float64Array | undefined;
let orders: Int32Array | undefined;
let handled = 0;
let offset = 0;

port.on("message", (order: WatchdogOrder) => {
  if (order.type === "clock") {
    port.postMessage(performance.now());
    return;
  }
  handled++;
  if (order.type === "start") {
    signal = new Int32Array(order.control);
    wakesAt = new Float64Array(order.control);
    orders = new Int32Array(order.orders);
    offset = order.offset;
  } else if (order.type === "add") {
    slots.set(order.id, new WatchedSlot(order.cell.buffer));
  } else if (order.type === "remove") slots.delete(order.id);
  else {
    port.close();
    return;
  }
  // Orders that wait are taken first; from within the watch none would be heard.
  if (orders !== undefined && Atomics.load(orders, 0) <= handled) watch();
});

/** Watches until there is an order. */
function watch(): void {
  const counter = signal as Int32Array;
  const wakes = wakesAt as Float64Array;
  for (;;) {
    // Read first: whoever adds to it from here on keeps us awake.
    const seen = Atomics.load(counter, SIGNAL);
    wakes[WAKES_AT] = Infinity;
    // A full barrier between saying that we are awake and looking.
    if (Atomics.add(orders as Int32Array, 0, 0) > handled) return;
    const now = performance.now() + offset;
    let next = Infinity;
    for (const slot of slots.values()) next = Math.min(next, slot.look(now));
    wakes[WAKES_AT] = next;
    Atomics.wait(counter, SIGNAL, seen, next === Infinity ? undefined : next - now);
  }
}
