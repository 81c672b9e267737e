// work.ts for the peers on Node, which reads no TypeScript before 22.18.
export const hello = () => "Hello, World!";
export const greeting = () => ({ message: "Hello, World!", at: 1_700_000_000, ok: true });

const rows = Array.from({ length: 8_000 }, (_, id) => ({
  id,
  name: `user number ${id}`,
  email: `user${id}@example.com`,
  active: id % 3 === 0,
  score: id * 1.5,
  tags: ["one", "two"],
}));

/** About 1 MB as JSON. */
export const report = () => rows;
