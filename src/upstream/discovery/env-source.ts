import { parseBackendLine } from "./backend-line.ts";
import type { DiscoverySource } from "./discovery-source.ts";

/**
 * Backends from variables of the environment whose names begin so: with `API_BACKEND_`,
 * `API_BACKEND_1="10.0.0.1:8080"` and `API_BACKEND_2="10.0.0.2:8080 weight=3"`. They are read once.
 *
 * @example
 * const api = new Upstream({ name: "api", backends: [], discovery: fromEnvironment("API_BACKEND_") });
 * api.start();
 */
export function fromEnvironment(
  prefix: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DiscoverySource {
  return {
    name: `env ${prefix}`,
    async *watch() {
      const values = variablesWith(prefix, env);
      if (values.length === 0) {
        yield new Error(`no variable of the environment begins with ${prefix}`);
        return;
      }
      yield values.map(([name, value]) => {
        try {
          return parseBackendLine(value);
        } catch (error) {
          throw new TypeError(`${name}: ${(error as Error).message}`, { cause: error });
        }
      });
    },
  };
}

/** Variables with a prefix that are not empty, 2 before 10. */
export function variablesWith(
  prefix: string,
  env: Readonly<Record<string, string | undefined>>,
): [name: string, value: string][] {
  return Object.entries(env)
    .filter((entry): entry is [string, string] => {
      const [name, value] = entry;
      return name.startsWith(prefix) && value !== undefined && value.trim() !== "";
    })
    .toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
}
