/** Which devices of a request the caller may do something to: the others are told as absent when hidden, as refused when seen. */
import { type Reach, reaches, reachOf } from '@annunciator/core/access';
import type { Action } from '@annunciator/core/roles';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../accounts/authentication.ts';
import { notHere } from '../accounts/reach.ts';
import { notFound, RequestError } from '../http/request-error.ts';
import { nameOf } from './device-name.ts';
import { absent, type Refused } from './device-refusals.ts';
import { type DeviceChanges, FLAGS } from './device-edits.ts';
import type { ImportReach } from './device-import.ts';

/** What changes ask for: flags say what the sensor takes for normal. */
export function actionsOf(changes: DeviceChanges): ('devices.edit' | 'devices.authorise')[] {
  return ['devices.edit', ...(FLAGS.some((flag) => changes[flag] !== undefined) ? (['devices.authorise'] as const) : [])];
}

/** What of a table of devices the caller may have done: others' devices are not found, those that may only be seen are refused by name. */
export function importReach(request: FastifyRequest): ImportReach | undefined {
  const { access } = callerOf(request);
  const [seen, edit, authorise] = (['devices.view', 'devices.edit', 'devices.authorise'] as const).map((action) => reachOf(access, action));
  if ([seen, edit, authorise].every((reach) => reach === 'everything')) return undefined;
  const reach = { 'devices.edit': edit, 'devices.authorise': authorise };
  return {
    sees: (row) => reaches(seen, row),
    refusal: (row, changes) =>
      actionsOf(changes).every((action) => reaches(reach[action], row)) ? null : `${nameOf(row)}: ${notHere(request, row).message}`,
  };
}

/** Splits numbers of devices by whether the caller may do all of the actions to them. */
export async function siftDevices(
  request: FastifyRequest,
  devices: { byNumbers(numbers: readonly number[]): Promise<readonly DeviceRow[]> },
  numbers: readonly number[],
  actions: readonly Action[],
): Promise<{ readonly open: ReadonlySet<number>; readonly refused: readonly Refused[] }> {
  const { access } = callerOf(request);
  const wanted = actions.map((action): Reach => reachOf(access, action));
  if (wanted.every((reach) => reach === 'everything')) return { open: new Set(numbers), refused: [] };
  const seen = reachOf(access, 'devices.view');
  const rows = (await devices.byNumbers(numbers)).filter((row) => reaches(seen, row));
  const open = rows.filter((row) => wanted.every((reach) => reaches(reach, row)));
  const shut = rows.filter((row) => !open.includes(row)).map((row) => ({ number: row.number, ...refusalOf(notHere(request, row)) }));
  return { open: new Set(open.map(({ number }) => number)), refused: [...absent(numbers, rows), ...shut] };
}

/** As {@link siftDevices} where one refusal refuses all. @throws RequestError 404 for what is hidden, 403 for what may only be seen */
export async function checkDevices(...[request, devices, numbers, actions]: Parameters<typeof siftDevices>): Promise<void> {
  const {
    refused: [first],
  } = await siftDevices(request, devices, numbers, actions);
  if (!first) return;
  throw first.code === 'not_found' ? notFound('device', String(first.number)) : new RequestError(403, 'not_permitted', first.message);
}

function refusalOf({ code, message }: RequestError): Pick<Refused, 'code' | 'message'> {
  return { code, message };
}
