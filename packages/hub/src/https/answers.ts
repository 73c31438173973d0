/** Refusals and faults as HTTP answers. */
import { randomUUID } from 'node:crypto';
import type { HubError } from '../hub-error.ts';
import type { Answer } from './request.ts';

/** The body that SDKs take apart: `{"Message":"ErrorCode:DeviceNotFound;text","ExceptionMessage":"Tracking ID:..."}`. */
export function refusal(error: HubError, now: number): Answer {
  // The separators of the format may not stand in the text.
  const text = error.message.replaceAll(';', ',');
  return {
    status: error.status,
    headers: { 'iothub-errorcode': error.code, ...(error.status === 429 || error.status === 503 ? { 'retry-after': '2' } : {}) },
    body: JSON.stringify({
      Message: `ErrorCode:${error.code};${text}`,
      ExceptionMessage: `Tracking ID:${randomUUID()} TimeStamp:${new Date(now).toISOString()}`,
      errorCode: error.number,
    }),
  };
}
