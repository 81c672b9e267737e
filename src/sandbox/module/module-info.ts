export type ExternKind = "function" | "table" | "memory" | "global";

/** The numeric types, and the two opaque references. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref";

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** What a guest wants from its host. */
export interface ImportInfo {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  /** Of a function. */
  readonly type?: FunctionType;
}

/** What a guest offers to its host. */
export interface ExportInfo {
  readonly name: string;
  readonly kind: ExternKind;
  /** Set for a function whose body is empty: calling it changes nothing. */
  readonly isEmpty?: true;
  /** Of a function. */
  readonly type?: FunctionType;
}

/** In pages of 64 KiB. */
export interface MemoryInfo {
  readonly minPages: number;
  /** What the guest itself declares, if it does. */
  readonly maxPages: number | undefined;
  /** The first name it is exported by, if there is one. */
  readonly exported?: string;
}

/** What a module is made of. */
export interface ModuleInfo {
  readonly bytes: number;
  readonly imports: readonly ImportInfo[];
  readonly exports: readonly ExportInfo[];
  readonly memory: MemoryInfo | undefined;
  /** Elements each table begins with. */
  readonly tables: readonly number[];
  readonly functions: number;
  readonly globals: number;
  readonly dataBytes: number;
  readonly codeBytes: number;
  readonly hasStart: boolean;
  /** Names of its custom sections, such as `name` and `producers`. */
  readonly customSections: readonly string[];
}
