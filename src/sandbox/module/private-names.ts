/** Guests may not import or export a name that begins so: it is the loader's. */
export const PRIVATE_PREFIX = "sluice:";

/** The module name under which an instrumented module imports what the loader added. */
export const PRIVATE_MODULE = "sluice:sandbox";

/** Import of the guest's own memory, when it has one: the host makes it, and so can save and restore it. */
export const MEMORY_IMPORT = "memory";

/**
 * Import of the stop cell: a shared memory of exactly one page. The guest stops, with an `unreachable` trap, soon
 * after the i32 at its byte 0 has become negative.
 */
export const CELL_IMPORT = "cell";

/** Export of the fuel that is left of the present slice: a mutable i32 global. */
export const FUEL_EXPORT = "sluice:fuel";

/**
 * Export of the fuel that may still be taken, in units of about one instruction: a mutable i64 global, without
 * bound at first. When it is spent the guest traps and it is −1.
 */
export const BUDGET_EXPORT = "sluice:budget";

/** Export of whether the guest was refused memory: a mutable i32 global, 0 until a `memory.grow` gave −1. */
export const DENIED_EXPORT = "sluice:denied";

/** Export of the start function, which the loader takes out so that it can be called under a time limit. */
export const START_EXPORT = "sluice:start";

/** Exports of the guest's own mutable globals, by their number, for the snapshot. */
export const GLOBAL_EXPORT = "sluice:global:";
