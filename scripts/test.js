// npm test: the programs tests need, then types, lint and format, then every test file; one line of counts last.
// `npm test -- PART …` runs the files whose path holds one of the parts.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canInstall, install, missingPackages } from "./debian-packages.js";

const CI = process.env.CI === "true";
/** Longer than any file may take; one that hangs is ended and named. */
const FILE_TIMEOUT_MS = 5 * 60_000;
/** The same for those that are about what minutes do to a server. They mostly wait, beside the others. */
const SOAK_TIMEOUT_MS = 8 * 60_000;
/** For everything together; what has not run by then is named and has failed. */
const DEADLINE = Date.now() + 14 * 60_000;

/** Files at a time: most of them wait more than they work. */
const LANES = 2;

const parts = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

function findTests(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @returns names of packages that stay missing */
function ensurePrograms() {
  const missing = missingPackages();
  if (missing.length === 0) return [];
  if (!canInstall()) return missing;
  console.log(`installing ${missing.join(", ")}`);
  install(missing);
  return missingPackages();
}

/** The processes that run now: leaders of groups, so that what they started can be ended with them. */
const running = new Set();

/** Ends whatever of a test process and its children is still there. @returns whether something was */
function endGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Runs test files in one process of their own. @param most milliseconds they may take */
function run(files, report, most) {
  const args = [
    "test",
    "--timeout",
    "60000",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...files,
  ];
  const child = spawn("bun", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  running.add(child);
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const limit = Math.max(1, Math.min(most, DEADLINE - Date.now()));
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      endGroup(child);
    }, limit);
    child.on("error", reject);
    child.on("exit", () => {
      // A child left behind holds the pipes open, and "close" would wait for it.
      if (endGroup(child) && !late) output += "\nended processes that were left behind\n";
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      running.delete(child);
      if (late) output += `\nended after ${Math.round(limit / 1000)} s\n`;
      resolve({ code, output });
    });
  });
}

/** The counts a report has for its run, or undefined where there is none. */
function readReport(report) {
  let text;
  try {
    text = readFileSync(report, "utf8");
  } catch {
    return undefined;
  }
  const suites = /<testsuites [^>]*>/.exec(text)?.[0] ?? "";
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suites)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  const skipped = number("skipped");
  return { passed: number("tests") - failed - skipped, failed, skipped };
}

async function runGroup(name, files, report, most = FILE_TIMEOUT_MS) {
  const started = Date.now();
  if (started > DEADLINE) {
    counts.failed++;
    console.log(`FAIL ${name}  not run: the time for all tests is over`);
    return;
  }
  const { code, output } = await run(files, report, most);
  const found = readReport(report) ?? { passed: 0, failed: 0, skipped: 0 };
  // A crash, or a file in which nothing ran, is a failure even if every test that was counted passed.
  if ((code !== 0 && found.failed === 0) || found.passed + found.failed + found.skipped === 0)
    found.failed++;
  counts.passed += found.passed;
  counts.failed += found.failed;
  counts.skipped += found.skipped;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const mark = found.failed === 0 ? "ok  " : "FAIL";
  console.log(
    `${mark} ${name}  ${found.passed} passed, ${found.failed} failed, ${found.skipped} skipped  ${seconds} s`,
  );
  if (found.failed > 0)
    console.log(
      output
        .split("\n")
        .filter((line) => !line.startsWith("(pass)"))
        .join("\n"),
    );
}

const missing = ensurePrograms();
if (missing.length > 0) {
  console.log(`missing, so that tests are skipped: ${missing.join(" ")}`);
  console.log(`install with: apt-get install --no-install-recommends ${missing.join(" ")}`);
  if (CI) counts.failed++;
}

if (parts.length === 0) {
  const { status } = spawnSync(process.execPath, ["scripts/check.js"], { stdio: "inherit" });
  if (status === 0) counts.passed++;
  else counts.failed++;
}

const isSoak = (file) => file.startsWith(join("test", "soak"));
const wanted = (file) => parts.length === 0 || parts.some((part) => file.includes(part));
const units = findTests("src").filter(wanted).toSorted();
const suites = findTests("test").filter(wanted).toSorted();
const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    for (const child of running) endGroup(child);
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  let number = 0;
  const report = () => join(folder, `${number++}.xml`);
  if (units.length > 0) await runGroup("src (units)", units, report());
  // One process a file: what one leaves behind, or how much memory it takes, is no other's matter.
  const soaks = suites.filter(isSoak);
  const soaking = soaks.map((file) => runGroup(file, [file], report(), SOAK_TIMEOUT_MS));
  const waiting = suites.filter((file) => !isSoak(file));
  const lane = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      await runGroup(file, [file], report());
    }
  };
  await Promise.all([...Array.from({ length: LANES }, lane), ...soaking]);
} finally {
  rmSync(folder, { recursive: true });
}

console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 || (CI && counts.skipped > 0) || counts.passed === 0 ? 1 : 0);
