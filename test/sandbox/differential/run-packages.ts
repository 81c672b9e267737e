// What each package answers, as JSON by its name. `--instrumented`: all WebAssembly it loads goes through the loader.
import { countInstrumented, hookEngine } from "./engine-hook.ts";
import { packages } from "./packages.ts";

if (process.argv.includes("--instrumented")) hookEngine();

const answers: Record<string, { answer: unknown; modules: number }> = {};
for (const [name, work] of Object.entries(packages)) {
  const before = countInstrumented();
  try {
    answers[name] = { answer: await work(), modules: 0 };
  } catch (error) {
    answers[name] = { answer: String((error as Error).stack), modules: 0 };
  }
  answers[name].modules = countInstrumented() - before;
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
