import type { Layer4Backend } from "../proxy/layer4/backend-group.ts";
import type { Layer4HealthCheck } from "../proxy/layer4/health/layer4-check.ts";
import { createLayer4Checker } from "../proxy/layer4/health/layer4-check.ts";
import type { HealthChecker } from "../upstream/health/health-checker.ts";

/** A backend that is to be checked. */
export interface PlannedCheck {
  readonly backend: Layer4Backend;
  readonly check: Layer4HealthCheck;
  /** Told when it is found ill, or well again. */
  changed(backend: Layer4Backend): void;
}

interface Running {
  readonly checker: HealthChecker;
  planned: PlannedCheck;
  users: number;
}

/** The checks of TCP and UDP backends of a process: one that a reload leaves as it is goes on. */
export class StreamChecks {
  readonly #running = new Map<Layer4Backend, Map<string, Running>>();

  begin(planned: PlannedCheck): void {
    const { backend, check } = planned;
    const own = this.#running.get(backend) ?? new Map<string, Running>();
    this.#running.set(backend, own);
    const key = JSON.stringify(check);
    const known = own.get(key);
    if (known !== undefined) {
      known.users++;
      known.planned = planned;
      return;
    }
    const running: Running = {
      checker: createLayer4Checker(backend, check, (one) => running.planned.changed(one)),
      planned,
      users: 1,
    };
    own.set(key, running);
    running.checker.start();
  }

  end({ backend, check }: PlannedCheck): void {
    const own = this.#running.get(backend);
    const key = JSON.stringify(check);
    const running = own?.get(key);
    if (own === undefined || running === undefined || --running.users > 0) return;
    running.checker.stop();
    own.delete(key);
    if (own.size > 0) return;
    this.#running.delete(backend);
    // What nobody looks at any more counts as well.
    backend.noteHealth(true);
  }
}
