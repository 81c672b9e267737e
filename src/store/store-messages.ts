import type { StoreErrorCode, StoreValue } from "./store.ts";

/** One operation that a worker asks for. */
export type StoreOperation =
  | { readonly op: "get"; readonly key: string }
  | { readonly op: "set"; readonly key: string; readonly value: StoreValue; readonly ttl?: number }
  | { readonly op: "delete"; readonly key: string }
  | { readonly op: "increment"; readonly key: string; readonly by: number; readonly ttl?: number }
  | { readonly op: "expire"; readonly key: string; readonly ttl: number }
  | { readonly op: "publish"; readonly channel: string; readonly message: StoreValue }
  | { readonly op: "subscribe"; readonly channel: string }
  | { readonly op: "unsubscribe"; readonly channel: string };

/** From a worker: operations in order. Each is answered in the same place of one `StoreAnswers`. */
export interface StoreRequest {
  readonly type: "store";
  readonly id: number;
  readonly operations: readonly StoreOperation[];
}

/** What an operation gave: its value, or why not. `v` is absent for undefined. */
export type StoreResult =
  | { readonly v?: StoreValue }
  | { readonly code: StoreErrorCode; readonly message: string };

export interface StoreAnswers {
  readonly type: "store-answers";
  readonly id: number;
  readonly results: readonly StoreResult[];
}

/** To a worker that subscribed. */
export interface StorePublished {
  readonly type: "store-published";
  readonly channel: string;
  readonly message: StoreValue;
}

export type StoreReply = StoreAnswers | StorePublished;
