import { dropPrivileges } from "../server/lifecycle/privileges.ts";
import { Service } from "../server/lifecycle/service.ts";
import type { Sockets } from "../server/lifecycle/sockets.ts";
import type { ServerAddress } from "../server/serve.ts";
import type { GroupPlan } from "../server/workers/supervisor.ts";
import type { Workload } from "../server/workers/workload.ts";
import type { ServerHost } from "./server-host.ts";

/** One process that does everything itself. */
export class SingleProcess implements ServerHost {
  readonly #service: Service;
  readonly #workload: Workload;
  #started = false;

  constructor(sockets: Sockets, workload: Workload) {
    this.#service = new Service(sockets);
    this.#workload = workload;
  }

  get addresses(): readonly ServerAddress[] {
    return this.#service.addresses;
  }

  get warnings(): readonly string[] {
    return this.#service.warnings;
  }

  async apply({ plan }: GroupPlan): Promise<void> {
    if (plan.workers > 1 && this.#started) {
      throw new Error(`server.workers = ${plan.workers} needs a restart: this is a single process`);
    }
    await this.#service.apply(plan);
    if (!this.#started && plan.identity !== undefined) dropPrivileges(plan.identity);
    this.#started = true;
  }

  drain(): Promise<void> {
    return this.#service.drain();
  }

  close(): Promise<void> {
    return this.#service.close();
  }

  reopenLogs(): void {
    this.#workload.reopenLogs();
  }
}
