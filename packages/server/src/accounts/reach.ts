/**
 * What of the system a caller reaches: every route that shows or changes what stands in a place asks here, with the
 * permission of the route or of the action that the request names.
 */
import { grantsText, type Place, type Reach, reaches, reachOf, type Spot } from '@annunciator/core/access';
import type { Action } from '@annunciator/core/roles';
import type { FastifyRequest } from 'fastify';
import { callerOf } from './authentication.ts';
import { notFound, RequestError } from '../http/request-error.ts';
import type { SensorLink } from '../sensor-link.ts';

/** Filters on the columns that alerts and devices have in common. */
interface PlaceFilter {
  readonly column: 'site' | 'zone';
  readonly operator: 'equals';
  readonly values: readonly string[];
}

/** Where the caller may do what the route is for. */
export function reachOfRoute(request: FastifyRequest): Reach {
  const { permission } = request.routeOptions.config;
  if (permission === undefined || permission === 'anyone' || permission === 'signed-in')
    throw new Error(`The route ${request.routeOptions.url} has no permission that could be held at a place.`);
  return reachOf(callerOf(request).access, permission);
}

/** The part of a question to alerts or devices that keeps to a reach: nothing for everything. */
export function within(reach: Reach): { readonly scope?: readonly (readonly PlaceFilter[])[] } {
  if (reach === 'everything') return {};
  const equals = (column: 'site' | 'zone', value: string): PlaceFilter => ({ column, operator: 'equals', values: [value] });
  return { scope: reach.map(({ site, zone }) => [equals('site', site), ...(zone === null ? [] : [equals('zone', zone)])]) };
}

/** The part of a question that keeps to what the caller may do the route's action with. */
export function withinRoute(request: FastifyRequest): ReturnType<typeof within> {
  return within(reachOfRoute(request));
}

/** The part of a question to the timeline that keeps to the sensors where the caller may do the route's action. */
export async function sensorsWithin(
  request: FastifyRequest,
  sensors: Pick<SensorLink, 'status'>,
): Promise<{ readonly scope?: readonly string[] }> {
  const scope = await sensorsIn(reachOfRoute(request), sensors);
  return scope === 'everything' ? {} : { scope };
}

/** Names of the sensors that stand within a reach. */
export async function sensorsIn(reach: Reach, sensors: Pick<SensorLink, 'status'>): Promise<'everything' | readonly string[]> {
  if (reach === 'everything') return reach;
  return (await sensors.status()).filter((sensor) => reaches(reach, sensor)).map(({ name }) => name);
}

/**
 * For routes about one sensor, which query or body names as `sensor`: lets a request pass if the caller may do the route's
 * action where that sensor stands. It throws RequestError: 404 when there is none that the caller may see, 403 when it may only be seen.
 */
export function atSensor(sensors: Pick<SensorLink, 'status'>): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const reach = reachOfRoute(request);
    // Whoever reaches everything may also ask for a sensor that is not there any more.
    if (reach === 'everything') return;
    const named = sensorNamed(request.query) ?? sensorNamed(request.body) ?? '';
    const sensor = (await sensors.status()).find(({ name }) => name === named);
    if (!sensor || isHidden(request, 'sites.view', sensor)) throw notFound('sensor', named);
    if (!reaches(reach, sensor)) throw notHere(request, sensor);
  };
}

function sensorNamed(given: unknown): string | undefined {
  return typeof given === 'object' && given !== null && 'sensor' in given && typeof given.sensor === 'string' ? given.sensor : undefined;
}

/** The refusal of an action at a place where the caller may only look. */
export function notHere(request: FastifyRequest, { site, zone }: Spot): RequestError {
  const where = zone === null ? `for all of ${site}` : `at ${site}, zone ${zone}`;
  return new RequestError(
    403,
    'not_permitted',
    `You are ${grantsText(callerOf(request).access.grants)}, which does not include this ${where}. Ask an Owner for another role.`,
  );
}

/** Whether what stands at a place is hidden from the caller. */
export function isHidden(request: FastifyRequest, view: Action, place: Place): boolean {
  return !reaches(reachOf(callerOf(request).access, view), place);
}
