// What each package answers, as JSON by its name. `--instrumented`: all WebAssembly it loads goes through the loader.
import { countInstrumented, hookEngine } from "./engine-hook.ts";
import { packages } from "./packages.ts";

if (process.argv.includes("--instrumented")) hookEngine();

const answers: Record<string, object> = {};
for (const [name, work] of Object.entries(packages)) {
  const before = countInstrumented();
  const outcome = await work().then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error: String((error as Error).stack) }),
  );
  answers[name] = { ...outcome, modules: countInstrumented() - before };
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
