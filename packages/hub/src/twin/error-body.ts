/** The JSON body by which a device is told that a twin request was refused. */
import { randomUUID } from 'node:crypto';
import type { HubError } from '../hub-error.ts';

/** @param now milliseconds since 1970 */
export function errorBody(error: HubError, now: number): string {
  return JSON.stringify({
    errorCode: error.number,
    trackingId: randomUUID(),
    message: error.message,
    timestampUtc: new Date(now).toISOString(),
  });
}
