import { expect, test } from "bun:test";
import { parseShaCrypt, verifyShaCrypt } from "./sha-crypt.ts";

// The first, second and third are of Drepper's own tests; all were compared with OpenSSL's.
const vectors: [password: string, hash: string][] = [
  ["Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
  ["Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"],
  [
    "Hello world!",
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  ["x".repeat(150), "$5$ab$Ifx1CNrs.eVxY/TKa5OcWT4b6VE4ZcX1gh8lPIflzV7"],
  [
    "y".repeat(150),
    "$6$ab$dnaZDgdtWC7KVfKecNtTjRPF57NikiCZdMyfAy2W3O4qPsgFqQ8NbJu5kQo5WJu2xGBq/jLSuKceF7eVm1TxI.",
  ],
];

test.each(vectors)("%p is %p", async (password, hash) => {
  const stored = parseShaCrypt(hash);
  if (stored === undefined) throw new Error("not read");
  expect(await verifyShaCrypt(password, stored)).toBe(true);
  expect(await verifyShaCrypt(`${password}x`, stored)).toBe(false);
  expect(await verifyShaCrypt("", stored)).toBe(false);
});

test("reads nothing else", () => {
  for (const text of [
    "",
    "$5$",
    "$5$salt$short",
    "$1$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
    "$6$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
    "$5$saltstringsaltstr$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
    "$5$rounds=$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
    "$5$rounds=99999999999$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
  ]) {
    expect(parseShaCrypt(text)).toBeUndefined();
  }
  // Fewer rounds mean the least there are.
  const few = parseShaCrypt("$5$rounds=1$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5");
  expect(few?.rounds).toBe(1000);
});
