import * as z from "zod";
import { field } from "../field.ts";

const flag = (description: string) =>
  field(z.boolean().default(false), { description, example: "true" });
const seconds = (description: string) =>
  field(z.int().min(0).max(2_147_483_648).optional(), { description, example: "3600" });

export const cacheControl = z.strictObject({
  public: flag("Shared caches may keep it."),
  private: flag("Only the client's own cache may keep it."),
  no_store: flag("Nobody may keep it."),
  no_cache: flag("Whoever keeps it must ask before using it."),
  must_revalidate: flag("An old answer must not be used without asking."),
  no_transform: flag("Nobody may compress or change it on its way."),
  immutable: flag("It never changes while it is fresh."),
  max_age_secs: seconds("Seconds it is fresh."),
  s_maxage_secs: seconds("Seconds it is fresh for shared caches."),
  stale_while_revalidate_secs: seconds(
    "Seconds an old answer may be used while a new one is fetched.",
  ),
  stale_if_error_secs: seconds("Seconds an old answer may be used when a new one cannot be had."),
});
