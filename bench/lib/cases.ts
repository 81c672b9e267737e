import { h2load } from "./h2load.ts";
import type { Load, LoadOptions } from "./load.ts";
import { wrk } from "./wrk.ts";

export interface Case {
  readonly name: string;
  readonly path: string;
  /** Requests in flight. */
  readonly connections: number;
}

export const cases: readonly Case[] = [
  { name: "hello", path: "/hello", connections: 64 },
  { name: "1k", path: "/1k.bin", connections: 64 },
  { name: "64k", path: "/64k.bin", connections: 64 },
  // More of them at once measure the client's memory.
  { name: "10m", path: "/10m.bin", connections: 16 },
];

export interface Transport {
  readonly name: string;
  readonly tls: boolean;
  readonly load: (options: LoadOptions) => Promise<Load>;
}

export const transports: readonly Transport[] = [
  { name: "h1", tls: false, load: wrk },
  { name: "h1-tls", tls: true, load: wrk },
  { name: "h2", tls: true, load: h2load },
];
