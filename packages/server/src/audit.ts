/** Who did what and when; `AuditLog` of the store keeps it. An entry holds no secret. */
import type { AuditEntry, AuditQuery, AuditState, AuditValues, StoredAuditEntry } from '@annunciator/store/audit-log';
import type { FastifyRequest } from 'fastify';
import { AttemptLimit } from './accounts/attempt-limit.ts';
import { callerOf } from './accounts/authentication.ts';
import { RequestError } from './http/request-error.ts';

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

/** Refusals of one person and kind that are recorded within a quarter of an hour: a flood of them says no more. */
const MOST_REFUSALS = 10;

/**
 * Records what is refused to people who change how they sign in: a wrong password, a wrong code, a passkey that does not hold.
 * @returns what does a piece of work for the caller of a request, and records its refusal under an action, with the reason
 */
export function recordRefusals(audit: Audit) {
  const floods = new AttemptLimit({ attempts: MOST_REFUSALS, windowSeconds: 900 });
  return async <Result>(request: FastifyRequest, action: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      const { userId } = callerOf(request);
      const kind = `${action} ${userId}`;
      if (error instanceof RequestError && floods.secondsToWait(kind) === 0) {
        floods.failed(kind);
        // Only libraries say more than the reason does.
        const said = error.code.startsWith('passkey_') ? { said: error.message } : {};
        await recordDone(audit, request, action, [userId], { details: { reason: error.code, ...said } });
      }
      throw error;
    }
  };
}
