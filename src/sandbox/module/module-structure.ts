import type { ByteReader } from "./byte-reader.ts";
import type { ExternKind, FunctionType, ImportInfo, ValueType } from "./module-info.ts";

/** Ids of sections (core specification, 5.5.2). */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

export interface Bounds {
  readonly min: number;
  readonly max: number | undefined;
}

export interface ImportEntry extends ImportInfo {
  /** Where it is in the module. */
  readonly from: number;
  readonly to: number;
}

export interface TableEntry {
  readonly type: ValueType;
  readonly bounds: Bounds;
}

export interface GlobalEntry {
  readonly type: ValueType;
  readonly mutable: boolean;
}

export interface ExportEntry {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** A module's parts as its bytes have them: what all sections but the code say, and where each section is. */
export interface ModuleStructure {
  readonly bytes: Uint8Array;
  /** The contents of each section that is there, by its id. */
  readonly sections: ReadonlyMap<number, ByteReader>;
  /** Custom sections by name; of several with one name the last. */
  readonly customs: ReadonlyMap<string, ByteReader>;
  readonly types: readonly FunctionType[];
  readonly imports: readonly ImportEntry[];
  /** The type of each function, imported ones first. */
  readonly functionTypes: readonly number[];
  readonly importedFunctions: number;
  readonly importedGlobals: number;
  readonly tables: readonly TableEntry[];
  readonly memory: Bounds | undefined;
  /** Its own. */
  readonly globals: readonly GlobalEntry[];
  readonly exports: readonly ExportEntry[];
  readonly start: number | undefined;
  readonly dataBytes: number;
}
