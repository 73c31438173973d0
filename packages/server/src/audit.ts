/** Who did what and when; `AuditLog` of the store keeps it. An entry holds no secret. */
import type { AuditEntry, AuditQuery, AuditState, AuditValues, StoredAuditEntry } from '@annunciator/store/audit-log';
import type { FastifyRequest } from 'fastify';
import { callerOf } from './accounts/authentication.ts';

export type { AuditEntry };

export interface Audit {
  record(entry: AuditEntry): Promise<void>;
}

export interface AuditReader {
  list(query: AuditQuery): Promise<readonly StoredAuditEntry[]>;
  values(): Promise<AuditValues>;
}

/** What a person did to an account, as it was and as it is. */
export interface Done {
  readonly details?: NonNullable<AuditEntry['details']>;
  readonly before?: AuditState;
  readonly after?: AuditState;
}

/** Records what the caller of a request did. */
export function recordDone(audit: Audit, request: FastifyRequest, action: string, on: readonly string[], done: Done = {}): Promise<void> {
  return audit.record({ at: Date.now(), who: callerOf(request).userName, action, on, address: request.ip, ...done });
}
