import { expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { inProcess } from "../cli/cli.ts";
import { lacks } from "../support/programs.ts";

const root = new URL("../..", import.meta.url).pathname;
const readme = readFileSync(join(root, "README.md"), "utf8");
const cli = join(root, "src/cli/main.ts");

async function output(command: string[], cwd = root): Promise<string> {
  const env = { ...process.env, NO_COLOR: "1" };
  const child = Bun.spawn(command, { cwd, env, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return out + err;
}

/** The console blocks of the README: commands with what they print. */
const blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map(
  (match) => match[1] as string,
);

test.skipIf(lacks("curl"))(
  "the tour prints what the README shows",
  async () => {
    const [tour] = blocks;
    const steps = (tour as string).split(/^\$ /m).filter((step) => step !== "");
    const [start, ...asked] = steps;
    const args = (start as string)
      .trim()
      .replace(/^npm start -- /, "")
      .replace(/ &$/, "")
      .replace(/--port \d+/, "--port 0")
      .split(" ");
    const child = Bun.spawn([process.execPath, cli, ...args], {
      cwd: root,
      stdout: "pipe",
      stderr: "inherit",
    });
    try {
      const first = await child.stdout.getReader().read();
      const told = JSON.parse(new TextDecoder().decode(first.value)) as {
        addresses: { url: string }[];
      };
      const port = new URL((told.addresses[0] as { url: string }).url).port;
      expect(asked.length).toBeGreaterThan(2);
      for (const step of asked) {
        const [command, ...lines] = step.split("\n");
        const printed = await output([
          "sh",
          "-c",
          (command as string).replace(":8443", `:${port}`),
        ]);
        expect({ command, printed: printed.trim() }).toEqual({
          command,
          printed: lines.join("\n").trim(),
        });
      }
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
  },
  30_000,
);

test("the check prints what the README shows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-readme-"));
  try {
    const mistakes = /```toml\n([\s\S]*?)```/.exec(readme)?.[1] as string;
    writeFileSync(join(folder, "sluice.toml"), mistakes);
    const printed = await output([process.execPath, cli, "check"], folder);
    expect(`$ npx sluice check\n${printed}`.trim()).toBe((blocks[1] as string).trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The documents of the guide, with the blocks of one language in each. */
function guideBlocks(language: string): [document: string, block: string][] {
  const folder = join(root, "docs/guide");
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const found = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"));
    return [...found].map((match): [string, string] => [name, match[1] as string]);
  });
}

test("the configurations in the guide are right", async () => {
  const blocks = guideBlocks("toml");
  expect(blocks.length).toBeGreaterThan(8);
  const folder = mkdtempSync(join(tmpdir(), "sluice-guide-"));
  try {
    for (const name of ["public", "site", "dist"]) mkdirSync(join(folder, name));
    for (const [document, block] of blocks) {
      writeFileSync(join(folder, "sluice.toml"), block);
      const { out, err } = await inProcess(["check"], folder);
      const errors = (out + err).split("\n").filter((line) => line.includes(": error: "));
      // What a part of a configuration leaves to the rest of it, and to the machine.
      const left = /there is no such file|refers to the environment variable|has no certificate/;
      expect({ document, errors: errors.filter((line) => !left.test(line)) }).toEqual({
        document,
        errors: [],
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 30_000);

test("the guide shows what sluice print prints", async () => {
  const block = guideBlocks("console").find(([, text]) => text.includes("sluice print"))?.[1] ?? "";
  const [command, ...lines] = block.trim().split("\n");
  const folder = mkdtempSync(join(tmpdir(), "sluice-guide-"));
  try {
    writeFileSync(join(folder, "sluice.toml"), '[[route]]\naction = { type = "respond" }\n');
    const run = `"${process.execPath}" "${cli}"`;
    const shell = (command as string).replace("$ ", "").replace("sluice", run);
    const printed = await output(["sh", "-c", shell], folder);
    expect(lines.length).toBeGreaterThan(3);
    expect(printed.split("\n").slice(0, lines.length - 1)).toEqual(lines.slice(0, -1));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every link in the documents leads somewhere", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "bench/README.md",
  ].concat(
    readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  );
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), "utf8").replace(/```[\s\S]*?```/g, "");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(
      (match) => (match[1] as string).split("#")[0] as string,
    );
    return targets
      .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
      .map((target) => join(root, dirname(document), target))
      .filter((path) => !existsSync(path))
      .map((path) => `${document}: ${relative(root, path)}`);
  });
  expect(documents.length).toBeGreaterThan(8);
  expect(broken).toEqual([]);
});

test("what the README links to is in the package", () => {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    files: string[];
  };
  const targets = [...readme.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] as string).split("#")[0] as string)
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
  expect(targets.length).toBeGreaterThan(4);
  const missing = targets.filter(
    (target) => !files.some((file) => target === file || target.startsWith(`${file}/`)),
  );
  expect(missing).toEqual([]);
});
