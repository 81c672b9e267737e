/** What a module imports and exports. */
export interface GuestFacts {
  /** Each import, as `module.name`. */
  readonly imports: ReadonlySet<string>;
  /** Names of the exported functions. */
  readonly exports: ReadonlySet<string>;
}
