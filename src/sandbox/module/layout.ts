/** Indices of what the loader appends, each at the end of its index space so that nothing of the guest's moves. */
export interface Layout {
  /** The memory of the stop cell: 1, or 0 where the guest has none. */
  readonly cellMemory: number;
  readonly fuelGlobal: number;
  readonly budgetGlobal: number;
  readonly deniedGlobal: number;
  /** The first of the helpers; they follow in the order of `HELPERS`. */
  readonly firstHelper: number;
  /** The first of the types of the helpers, in the order of `HELPER_TYPES`. */
  readonly firstType: number;
}

/** Functions that are appended. The last three only where the guest has a memory. */
export const HELPERS = ["refuel", "charge", "chargeElements", "fill", "copy", "grow"] as const;

/** How many i32 a helper takes and gives back. */
export const HELPER_TYPES = [
  { params: 0, results: 0 },
  { params: 1, results: 1 },
  { params: 3, results: 0 },
] as const;

export type Helper = (typeof HELPERS)[number];

/** For each helper its type in `HELPER_TYPES`. */
export const TYPE_OF_HELPER: Readonly<Record<Helper, number>> = {
  refuel: 0,
  charge: 1,
  chargeElements: 1,
  fill: 2,
  copy: 2,
  grow: 1,
};

export function helperIndex(layout: Layout, helper: Helper): number {
  return layout.firstHelper + HELPERS.indexOf(helper);
}
