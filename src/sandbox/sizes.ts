/** Bytes in a kibibyte: `.memoryLimit(512 * KiB)`. */
export const KiB = 1024;
/** Bytes in a mebibyte: `.memoryLimit(64 * MiB)`. */
export const MiB: number = 1024 * KiB;
