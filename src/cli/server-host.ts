import type { Stoppable } from "../server/lifecycle/run-until-stopped.ts";
import type { ServerAddress } from "../server/serve.ts";
import type { GroupPlan } from "../server/workers/supervisor.ts";

/** What runs a configuration: this process, or a supervisor with workers. */
export interface ServerHost extends Stoppable {
  /** Serves a plan in place of the one before. @throws whatever prevents it; nothing has changed then */
  apply(next: GroupPlan): Promise<void>;
  readonly addresses: readonly ServerAddress[];
  /** What could not be served as it was asked, and why. */
  readonly warnings: readonly string[];
  reopenLogs(): void;
}
