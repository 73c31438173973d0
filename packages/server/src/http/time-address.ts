/** Times in addresses. */
import { type Instant, parseInstant } from '@annunciator/core/time';
import { RequestError } from './request-error.ts';

/** The time that a parameter asks for. @throws RequestError that names the parameter when it is no time. */
export function timeOf(name: string, text: string | undefined): Instant | undefined {
  if (text === undefined || text === '') return undefined;
  const at = parseInstant(text);
  if (at === undefined) throw new RequestError(400, 'bad_time', `${name} is no time: write it like 2026-11-21T09:34:00Z.`);
  return at;
}
