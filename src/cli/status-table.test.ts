import { expect, test } from "bun:test";
import type { BackendStatus, Status } from "../admin/status.ts";
import { statusTable } from "./status-table.ts";

const backend = (name: string, more: Partial<BackendStatus> = {}): BackendStatus => ({
  name,
  state: "up",
  reason: null,
  in_flight: 1,
  requests: 100,
  retries: 0,
  errors: 0,
  faults: 0,
  faults_by_code: {},
  p50_ms: 1.25,
  p95_ms: 20,
  p99_ms: 300,
  connections: { open: 2, idle: 1 },
  ...more,
});

const status = (backends: BackendStatus[]): Status => ({
  version: "1.2.3",
  workers: 2,
  upstreams: [
    {
      name: "api",
      queued: 3,
      retries_denied: 0,
      faults: { no_backend: 4 },
      backends,
      discovery: {
        source: "dns api.internal",
        state: "failing",
        reason: "no\u001b answer",
        updates: 1,
        failures: 2,
      },
    },
  ],
  streams: [],
  reloads: { success: 0, failure: 0, last_success: null },
});

const one = backend("http://10.0.0.1:80");
const ill = backend("http://10.0.0.2:80", {
  state: "unhealthy",
  reason: "answered\u001b[2J 503",
  p50_ms: null,
});

test("a wide table has all, with reasons below, and nothing that a terminal obeys", () => {
  const text = statusTable(status([one, ill]), { color: false, columns: 160 });
  expect(text).toContain("3 waiting, 4 no_backend");
  expect(text).toMatch(/^ {2}dns api\.internal, failing: no.* answer$/m);
  expect(text).toMatch(
    /http:\/\/10\.0\.0\.1:80 +● up +1 +100 +0 +0 +0 +1\.3 ms +20\.0 ms +300 ms +2 +1$/m,
  );
  expect(text).toContain("● unhealthy");
  expect(text).toMatch(/^ {4}answered.* 503$/m);
  expect(text).not.toContain("\u001b");
});

test.each([20, 40, 60, 80, 100, 120])("no line is wider than %p", (columns) => {
  const text = statusTable(status([one, ill]), { color: false, columns });
  const lines = text.split("\n").filter((line) => line.startsWith("  "));
  // Name and state are always there.
  const least = Math.max(columns, 2 + 12 + 2 + "● unhealthy".length);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(least);
  expect(text).toContain("● unhealthy");
});

test("the rate is of the time since the status before", () => {
  const before = { status: status([backend(one.name, { requests: 40 })]), seconds: 2 };
  const text = statusTable(status([one, ill]), { color: true, columns: 160, before });
  expect(text).toContain("REQ/S");
  expect(text).toMatch(/30\.0/);
  expect(text).toContain("\u001b[32m● up");
});

test("says when there is nothing to show", () => {
  const text = statusTable({ ...status([]), upstreams: [] }, { color: false, columns: 80 });
  expect(text).toContain("nothing is passed on");
});
