import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { VERSION } from "../../src/cli/version.ts";
import { folder, inProcess, sluice } from "./cli.ts";

const ROUTE = '\n[[route]]\naction = { type = "respond" }\n';

describe("help and mistakes", () => {
  test("--help shows every command and option", async () => {
    using here = folder();
    const { code, out, err } = await sluice(["--help"], here.path);
    expect([code, err]).toEqual([0, ""]);
    for (const word of [
      "init",
      "check",
      "print",
      "fmt",
      "schema",
      "cert",
      "completion",
      "--port",
      "--spa",
    ]) {
      expect(out).toContain(word);
    }
    expect(out).not.toContain("\u001b[");
  });

  test.each(["init", "check", "print", "fmt", "schema", "cert", "completion"])(
    "%s --help, and help %s",
    async (name) => {
      using here = folder();
      const [first, second] = await Promise.all([
        inProcess([name, "--help"], here.path),
        inProcess(["help", name], here.path),
      ]);
      expect(first).toEqual(second);
      expect(first.code).toBe(0);
      expect(first.out).toContain(`sluice ${name}`);
    },
  );

  test("--version is the package's", async () => {
    using here = folder();
    expect(VERSION).toBe(packageJson.version);
    expect((await sluice(["--version"], here.path)).out).toBe(`sluice ${packageJson.version}\n`);
  });

  test.each([
    [["chekc"], 'did you mean "sluice check"?'],
    [["pritn", "-c", "x.toml"], 'did you mean "sluice print"?'],
    [["nowhere"], '"sluice --help" shows the commands'],
    [["constructor"], '"sluice --help" shows the commands'],
    [["serve", "-c", "site.toml"], '"sluice" alone serves ./sluice.toml'],
    [["reload"], "kill -HUP PID"],
    [["validate"], 'did you mean "sluice check"?'],
    [["routes"], "name the file of an application, or of a configuration"],
    [["routes", "--explain", "GET /"], "there is no sluice.toml here"],
    [["./nowhere/"], "there is no directory ./nowhere/"],
    [["help", "inti"], 'did you mean "sluice init"?'],
    [["--prot", "1"], "did you mean --port?"],
    [["check", "--confg", "x"], "did you mean --config?"],
    [["-x"], '"sluice --help" shows what there is'],
    [["--port"], "--port needs a value: --port PORT"],
    [["--port", "--tls"], "--port needs a value: --port PORT"],
    [["--tls=yes"], '--tls takes no value, but was given "yes"'],
    [["--log", "jsno"], "did you mean --log json?"],
    [[".", "x"], 'unexpected argument "x"'],
    [[".", "-c", "x.toml"], "a directory and --config exclude each other"],
    [["--spa"], "--spa goes with a directory"],
    [["site.toml"], "to use it as configuration: sluice -c site.toml"],
    [["completion", "bsh"], "did you mean bash?"],
    [["completion"], "name a shell"],
    [["fmt", "nowhere.toml"], "cannot read nowhere.toml: there is no such file"],
    [[], 'serve a directory with "sluice DIR"'],
  ])("%j is a mistake", async (args, said) => {
    using here = folder({ "site.toml": ROUTE });
    const { code, out, err } = await inProcess(args, here.path);
    expect(err).toContain(said);
    expect(err).toStartWith("error: ");
    expect([code, out]).toEqual([2, ""]);
  });
});

test("a mistake ends the real process with 2, a failure with 1", async () => {
  using here = folder({ "x.toml": "a =" });
  const [mistake, failure] = await Promise.all([
    sluice(["chekc"], here.path),
    sluice(["check", "x.toml"], here.path),
  ]);
  expect([mistake.code, failure.code]).toEqual([2, 1]);
});

describe("check", () => {
  test("says ok, with what was checked", async () => {
    using here = folder({
      "sluice.toml": ROUTE,
      "other.toml": ROUTE + ROUTE.replace("{", "{ status = 404,"),
    });
    expect(await sluice(["check"], here.path)).toEqual({
      code: 0,
      out: "ok: sluice.toml (1 route)\n",
      err: "",
    });
    const other = await sluice(["check", "other.toml"], here.path);
    expect(other.out).toBe("ok: other.toml (2 routes)\n");
    expect(other.err).toContain("warning: route[2] can never match");
    expect(await sluice(["check", "-c", "other.toml"], here.path)).toEqual(other);
  });

  test("says what else there is", async () => {
    const upstream = '[[upstream]]\nname = "a"\nbackends = ["127.0.0.1:1"]\n';
    const proxies = [1, 2].map(
      (n) => `[[tcp_proxy]]\nlisten = "[::1]:${n}"\nbackends = ["[::1]:3"]\n`,
    );
    const used = '[[route]]\naction = { type = "proxy", upstream = "a" }\n';
    using here = folder({ "sluice.toml": upstream + used, "tcp.toml": proxies.join("") });
    expect((await inProcess(["check"], here.path)).out).toBe(
      "ok: sluice.toml (1 route, 1 upstream)\n",
    );
    expect((await inProcess(["check", "tcp.toml"], here.path)).out).toBe(
      "ok: tcp.toml (2 TCP proxies)\n",
    );
  });

  test("says everything that is wrong, and fails", async () => {
    using here = folder({ "sluice.toml": `[server]\nprot = 1\nport = "x"\n${ROUTE}` });
    const { code, out, err } = await sluice(["check"], here.path);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("sluice.toml:2:1: error: unknown key");
    expect(err).toContain("sluice.toml:3:8: error: server.port");
    expect(err).toEndWith("2 errors\n");
  });

  test("the environment counts", async () => {
    using here = folder({ "sluice.toml": ROUTE });
    const { code, err } = await sluice(["check"], here.path, { SLUICE_SERVER_PORT: "80" });
    expect(code).toBe(1);
    expect(err).toContain("did you mean SLUICE_SERVER__PORT?");
  });
});

describe("print", () => {
  test("a directory is the one-route configuration it prints", async () => {
    using here = folder({ "site/index.html": "hi" });
    const printed = await sluice(["print", "site", "--spa", "--log", "json"], here.path);
    expect(printed).toMatchObject({ code: 0, err: "" });
    expect(printed.out.match(/^\[\[route\]\]$/gm)).toHaveLength(1);
    expect(printed.out).toMatch(/^path = "\/\*" +# argument$/m);
    writeFileSync(join(here.path, "sluice.toml"), printed.out);
    expect(await sluice(["check"], here.path)).toMatchObject({ code: 0, err: "" });
  });
});

describe("fmt", () => {
  test("formats in place, and has nothing to do then", async () => {
    using here = folder({ "sluice.toml": "[server]\nport=1 #x\n" });
    const file = join(here.path, "sluice.toml");
    expect(await sluice(["fmt", "--check"], here.path)).toMatchObject({ code: 1, out: "" });
    const shown = await sluice(["fmt", "--stdout"], here.path);
    expect(readFileSync(file, "utf8")).toBe("[server]\nport=1 #x\n");
    expect(await sluice(["fmt"], here.path)).toMatchObject({
      code: 0,
      out: "formatted sluice.toml\n",
    });
    expect(readFileSync(file, "utf8")).toBe("[server]\nport = 1 # x\n");
    expect(shown.out).toBe("[server]\nport = 1 # x\n");
    expect(await sluice(["fmt", "--check"], here.path)).toEqual({ code: 0, out: "", err: "" });
  });

  test("leaves a broken file alone", async () => {
    using here = folder({ "x.toml": "a = \n" });
    const { code, err } = await sluice(["fmt", "x.toml"], here.path);
    expect(code).toBe(1);
    expect(err).toContain("x.toml:1:5: error: invalid TOML");
    expect(readFileSync(join(here.path, "x.toml"), "utf8")).toBe("a = \n");
  });
});

describe("schema and completion", () => {
  test("schema is JSON", async () => {
    using here = folder();
    const { out } = await sluice(["schema"], here.path);
    expect(JSON.parse(out)).toMatchObject({ title: "Sluice configuration", type: "object" });
  });

  test("bash takes its script, and completes commands, options and choices", async () => {
    using here = folder();
    const { out } = await sluice(["completion", "bash"], here.path);
    const script = join(here.path, "script.bash");
    writeFileSync(script, out);
    const complete = (words: string[]) => {
      const quoted = words.map((word) => `'${word}'`).join(" ");
      const line = `source ${script}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = Bun.spawnSync(["bash", "--norc", "-c", line], { cwd: here.path });
      expect(stderr.toString()).toBe("");
      return stdout.toString().trim().split("\n");
    };
    expect(complete(["sluice", "ch"])).toContain("check");
    expect(complete(["sluice", "--po"])).toEqual(["--port"]);
    expect(complete(["sluice", "--log", "p"])).toEqual(["pretty"]);
    expect(complete(["sluice", "completion", "f"])).toEqual(["fish"]);
    expect(complete(["sluice", "cert", "--d"])).toEqual(["--days"]);
  });

  test.each(["zsh", "fish"])("%s names every command", async (shell) => {
    using here = folder();
    const { code, out } = await sluice(["completion", shell], here.path);
    expect(code).toBe(0);
    for (const name of ["init", "check", "print", "fmt", "schema", "cert"])
      expect(out).toContain(name);
  });
});

describe("cert", () => {
  test("writes a pair, the key for its owner only, and does not overwrite", async () => {
    using here = folder();
    const path = (name: string) => join(here.path, name);
    const first = await sluice(["cert", "dev.test", "*.dev.test", "--days", "30"], here.path);
    expect(first).toMatchObject({ code: 0, err: "" });
    const leaf = new X509Certificate(readFileSync(path("cert.pem")));
    expect(leaf.subjectAltName).toBe("DNS:dev.test, DNS:*.dev.test");
    expect(statSync(path("key.pem")).mode & 0o777).toBe(0o600);
    const again = await sluice(["cert"], here.path);
    expect(again.code).toBe(2);
    expect(again.err).toBe("error: key.pem is there already\n  = help: --force overwrites it\n");
    expect(new X509Certificate(readFileSync(path("cert.pem"))).serialNumber).toBe(
      leaf.serialNumber,
    );
    expect(await sluice(["cert", "--force"], here.path)).toMatchObject({ code: 0 });
    expect(new X509Certificate(readFileSync(path("cert.pem"))).subjectAltName).toContain(
      "localhost",
    );
    expect(statSync(path("key.pem")).mode & 0o777).toBe(0o600);
  });

  test.each([
    [["no name"], "no name"],
    [["--days", "0"], "0 days"],
    [["--days", "soon"], "NaN days"],
    [["--cert", "x.pem", "--key", "x.pem"], "different files"],
  ])("%j is a mistake", async (args, said) => {
    using here = folder();
    const { code, err } = await inProcess(["cert", ...args], here.path);
    expect(code).toBe(2);
    expect(err).toContain(said);
    expect(existsSync(join(here.path, "key.pem"))).toBe(false);
  });

  test("what it prints is a configuration that checks", async () => {
    using here = folder();
    const { out } = await sluice(["cert"], here.path);
    writeFileSync(join(here.path, "sluice.toml"), out.slice(out.indexOf("[")) + ROUTE);
    expect(await sluice(["check"], here.path)).toMatchObject({ code: 0, err: "" });
  });
});

describe("init", () => {
  test("writes a configuration that checks, is formatted and serves", async () => {
    using here = folder();
    expect(await sluice(["init"], here.path)).toMatchObject({ code: 0, err: "" });
    expect(await sluice(["check"], here.path)).toMatchObject({ code: 0, err: "" });
    expect(await sluice(["fmt", "--check"], here.path)).toMatchObject({ code: 0, err: "" });
    expect((await sluice(["init"], here.path)).err).toContain("sluice.toml is there already");
  });

  test("uses a folder that is there, and what is commented out is right too", async () => {
    using here = folder({ "site/public/index.html": "mine" });
    const { out } = await sluice(["init", "site"], here.path);
    expect(out).toContain("start it: sluice -c site/sluice.toml");
    expect(readFileSync(join(here.path, "site/public/index.html"), "utf8")).toBe("mine");
    const file = join(here.path, "site/sluice.toml");
    const all = readFileSync(file, "utf8").replace(/^# (?=[\w[]+ ?(?:=|\.|\]))/gm, "");
    expect(all).toContain("\n[server.tls]\n");
    writeFileSync(file, all);
    await sluice(["cert"], join(here.path, "site"));
    expect(await sluice(["check", file], here.path)).toMatchObject({ code: 0, err: "" });
  });
});
