/** Who did what and when; `AuditLog` of the store keeps it. An entry holds no secret. */
import type { AuditEntry } from '@annunciator/store/audit-log';

export type { AuditEntry };

export interface Audit {
  record(entry: AuditEntry): Promise<void>;
}
