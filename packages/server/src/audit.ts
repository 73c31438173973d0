/** Who did what and when. Kept by whoever passes it in; an entry holds no secret. */
export interface AuditEntry {
  /** Milliseconds since 1970, wall clock: a person acted. */
  readonly at: number;
  readonly who: string;
  /** A verb of the API, such as `alert.learn`. */
  readonly action: string;
  /** Ids of what was acted upon. */
  readonly on: readonly string[];
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface Audit {
  record(entry: AuditEntry): Promise<void>;
}
