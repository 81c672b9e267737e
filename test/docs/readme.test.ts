import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
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
    const mistakes =
      '[server]\nprot = 8080\n\n[[route]]\nmatch = { path = "/*" }\naction = { type = "statik", root = "./public" }\n';
    writeFileSync(join(folder, "sluice.toml"), mistakes);
    const printed = await output([process.execPath, cli, "check"], folder);
    expect(`$ sluice check\n${printed}`.trim()).toBe((blocks[1] as string).trim());
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
