/** What one `multipart/form-data` body may hold. Over any of them: 413. */
export interface MultipartLimits {
  /** Parts in all. */
  parts: number;
  /** Parts without a file name. */
  fields: number;
  /** Parts with a file name. */
  files: number;
  /** Bytes of a part's header section. */
  headerBytes: number;
  /** Bytes of a part's name, and of its file name. */
  nameBytes: number;
  /** Bytes of one part without a file name. */
  fieldBytes: number;
  /** Bytes of one file. */
  fileBytes: number;
  /** Bytes of everything, boundaries and headers included. */
  totalBytes: number;
}

/** Files are bounded by the server's own limit on bodies (`body_bytes`, 100 MiB) unless a handler says less. */
export const defaultMultipartLimits: MultipartLimits = {
  parts: 1000,
  fields: 1000,
  files: 100,
  headerBytes: 8 * 1024,
  nameBytes: 1024,
  fieldBytes: 1024 * 1024,
  fileBytes: Infinity,
  totalBytes: Infinity,
};
