import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const fileOf = (path: string): Buffer => readFileSync(require.resolve(path));

/** Text of some length in which little repeats. */
const text = Array.from({ length: 3000 }, (_, i) => ((i * 2654435761) >>> 7).toString(36)).join(
  " ",
);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const script = `
  function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
  const words = Array.from({ length: 300 }, (_, i) => "w" + ((i * 7919) % 1000)).sort();
  const counts = new Map();
  for (const word of words) counts.set(word.length, (counts.get(word.length) ?? 0) + 1);
  JSON.stringify([fib(16), [...counts], words.join().replace(/w(\\d)/g, "<$1>").length, Math.sin(1), 2n ** 70n + ""])`;

/** Packages from npm that run WebAssembly: what each answers to some work. */
export const packages: Readonly<Record<string, () => Promise<unknown>>> = {
  "QuickJS in quickjs-emscripten": async () => {
    const { newQuickJSWASMModuleFromVariant } = await import("quickjs-emscripten-core");
    const { default: variant } = await import("@jitl/quickjs-wasmfile-release-sync");
    const quickJs = await newQuickJSWASMModuleFromVariant(variant as never);
    const context = quickJs.newContext();
    return context.dump(context.unwrapResult(context.evalCode(script)));
  },
  "Lua in wasmoon": async () => {
    const { LuaFactory } = await import("wasmoon");
    const lua = await new LuaFactory().createEngine();
    return lua.doString(`
      local t = {}
      for i = 1, 2000 do t[i] = (i * 7919) % 1009 end
      table.sort(t)
      local ok, message = pcall(function() error("caught") end)
      return table.concat(t, ",", 1, 40) .. string.format("%.6f", math.pi) .. ("x"):rep(3) .. tostring(ok) .. message`);
  },
  "SQLite in sql.js": async () => {
    const { default: load } = (await import("sql.js" as string)) as {
      default: (options: object) => Promise<{
        Database: new () => { run(sql: string): void; exec(sql: string): unknown };
      }>;
    };
    const { Database } = await load({ wasmBinary: fileOf("sql.js/dist/sql-wasm.wasm") });
    const database = new Database();
    database.run("create table t (id integer primary key, word text, n real)");
    database.run(
      "with recursive c(i) as (select 1 union all select i + 1 from c where i < 2000) insert into t select i, hex(i * 7919), i / 7.0 from c",
    );
    database.run("create index w on t (word)");
    return database.exec(
      "select count(*), sum(n), min(word), group_concat(word) from (select * from t where word like '%3%' order by word limit 50)",
    );
  },
  "Brotli in brotli-wasm": async () => {
    const { default: load } = (await import("brotli-wasm" as string)) as {
      default: Promise<{
        compress(bytes: Uint8Array): Uint8Array;
        decompress(bytes: Uint8Array): Uint8Array;
      }>;
    };
    const brotli = await load;
    const packed = brotli.compress(Buffer.from(text));
    return [hex(packed), Buffer.from(brotli.decompress(packed)).toString() === text];
  },
  "RE2 in re2-wasm": async () => {
    const { RE2 } = (await import("re2-wasm" as string)) as {
      RE2: new (
        source: string,
        flags: string,
      ) => { exec(text: string): string[] | null; replace(text: string, by: string): string };
    };
    return [
      new RE2("(\\w+)@(\\w+)\\.com", "u").exec("write to someone@example.com"),
      new RE2("(a+)+b", "u").exec("a".repeat(200)),
      new RE2("[0-9]+", "gu").replace(text.slice(0, 500), "#"),
    ];
  },
  "Oniguruma in vscode-oniguruma": async () => {
    const { default: oniguruma } = await import("vscode-oniguruma");
    await oniguruma.loadWASM(fileOf("vscode-oniguruma/release/onig.wasm"));
    const scanner = new oniguruma.OnigScanner(["\\b[a-f]+\\d\\b", "(?<=z)(\\d+)(?!\\d)"]);
    const found = [];
    for (let at = 0; at < text.length && found.length < 40;) {
      const match = scanner.findNextMatchSync(text, at);
      if (match === null) break;
      const { start, end } = match.captureIndices[0] as { start: number; end: number };
      found.push([match.index, start, end]);
      at = end + 1;
    }
    return found;
  },
  "XML in sax-wasm": async () => {
    const { SAXParser, SaxEventType } = await import("sax-wasm");
    const events: unknown[] = [];
    const parser = new SAXParser(SaxEventType.OpenTag | SaxEventType.Text);
    parser.eventHandler = (event, detail) => {
      const { name, value } = JSON.parse(JSON.stringify(detail)) as Record<string, unknown>;
      events.push([event, name, value]);
    };
    await parser.prepareWasm(fileOf("sax-wasm/lib/sax-wasm.wasm"));
    const items = text.split(" ").slice(0, 300);
    parser.write(
      Buffer.from(`<list>${items.map((word, i) => `<i n="${i}">${word}</i>`).join("")}`),
    );
    parser.write(Buffer.from("</list>"));
    parser.end();
    return events;
  },
  "source maps in source-map": async () => {
    const { SourceMapConsumer, SourceMapGenerator } = await import("source-map");
    const generator = new SourceMapGenerator({ file: "out.js" });
    for (let line = 1; line < 300; line++)
      for (let column = 0; column < 5; column++)
        generator.addMapping({
          generated: { line, column: column * 8 },
          original: { line: line * 2, column: column * 3 },
          source: `s${line % 4}.ts`,
        });
    return SourceMapConsumer.with(generator.toString(), null, (consumer) =>
      [3, 50, 299].map((line) => consumer.originalPositionFor({ line, column: 17 })),
    );
  },
  "imports in es-module-lexer": async () => {
    const { init, parse } = await import("es-module-lexer");
    await init;
    return parse(readFileSync(import.meta.filename, "utf8"));
  },
  "xxHash in xxhash-wasm": async () => {
    const { default: load } = await import("xxhash-wasm");
    const { h32ToString, h64ToString, create64 } = await load();
    const parts = create64();
    for (let i = 0; i < text.length; i += 1000) parts.update(text.slice(i, i + 1000));
    return [h32ToString(text), h64ToString(text), parts.digest().toString(16)];
  },
  "hashes in hash-wasm": async () => {
    const { argon2id, bcrypt, blake2b, blake3, crc32, keccak, md4, md5, pbkdf2, createSHA256 } =
      await import("hash-wasm");
    const { ripemd160, scrypt, sha1, sha3, sha512, sm3, whirlpool, xxhash128 } =
      await import("hash-wasm");
    const salt = new Uint8Array(16).fill(7);
    const password = "correct horse";
    return Promise.all([
      ...[blake2b, blake3, crc32, keccak, md4, md5, ripemd160, sha1].map((hash) => hash(text)),
      ...[sha3, sha512, sm3, whirlpool].map((hash) => hash(text)),
      xxhash128(text, 1, 2),
      bcrypt({ password, salt, costFactor: 5 }),
      scrypt({ password, salt, costFactor: 64, blockSize: 4, parallelism: 1, hashLength: 32 }),
      pbkdf2({ password, salt, iterations: 50, hashLength: 32, hashFunction: createSHA256() }),
      argon2id({
        password,
        salt,
        parallelism: 1,
        iterations: 2,
        memorySize: 256,
        hashLength: 32,
      }),
    ]);
  },
};
