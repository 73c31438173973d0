/**
 * Which views of the team somebody is told of who sees some places only: a view carries what its maker typed and chose, so a
 * filter, a search or the name may speak of what stands elsewhere. What cannot be told for certain is not told.
 */
import { type Place, type Reach, reaches } from '@annunciator/core/access';
import { CATALOGUE } from '@annunciator/core/catalogue';
import type { SavedView } from '@annunciator/store/saved-views';
import { filtersOf } from '../http/filter-address.ts';
import { RequestError } from '../http/request-error.ts';

/** A sensor by name, with where it stands. */
type StandingSensor = Place & { readonly name: string };

/** The names of all places, and of the sensors there. */
export interface PlaceNames {
  /** Every zone of every site. */
  readonly places: readonly Place[];
  readonly sensors: readonly StandingSensor[];
}

/** Columns whose values are words of the product or of a protocol: they name nothing of a plant. */
const WORDS: ReadonlySet<string> = new Set([
  'severity',
  'engine',
  'status',
  'disposition',
  'category',
  'type',
  'protocol',
  'tactics',
  'dataSource',
  'firstDetection',
  'lastDetection',
  'lastActivity',
]);
/** Parts of an address that hold times and names of columns. */
const PLAIN: ReadonlySet<string> = new Set(['range', 'from', 'to', 'sort', 'group', 'columns']);
const TITLES = CATALOGUE.map(({ title }) => title);
const EXACT: ReadonlySet<string> = new Set(['equals', 'notEquals']);

/** Tells whether a view may be told to somebody with this reach. */
export function viewsWithin(reach: Reach, { places, sensors }: PlaceNames): (view: Pick<SavedView, 'name' | 'address'>) => boolean {
  if (reach === 'everything') return () => true;
  const seen = places.filter((place) => reaches(reach, place));
  const named: Readonly<Record<string, readonly string[]>> = {
    // A site is seen by whoever has a role in any part of it.
    site: [...reach.map(({ site }) => site), ...seen.map(({ site }) => site)],
    zone: [...reach.flatMap(({ zone }) => zone ?? []), ...seen.map(({ zone }) => zone)],
    // Alerts of the hub may have titles that people gave.
    title: TITLES,
    sensor: sensors.filter((sensor) => reaches(reach, sensor)).map(({ name }) => name),
  };
  const own = Object.values(named).flat().map(lower);
  // A zone of no name stands for a site without zones.
  const hidden = [...places.flatMap(({ site, zone }) => [site, zone]), ...sensors.map(({ name }) => name)]
    .map(lower)
    .filter((name) => name !== '' && !own.includes(name));
  return ({ name, address }) => !hidden.some((one) => lower(name).includes(one)) && tellsOnly(address, named);
}

/** Whether all that an address names is among what is seen. */
function tellsOnly(address: string, named: Readonly<Record<string, readonly string[]>>): boolean {
  const parameters = new URLSearchParams(address);
  if ([...parameters.keys()].some((part) => part !== 'filter' && !PLAIN.has(part))) return false;
  return filtersIn(parameters.getAll('filter')).every(({ column, operator, values }) => {
    if (WORDS.has(column)) return true;
    const known = named[column]?.map(lower);
    return known !== undefined && values.every((value) => isOf(known, lower(value), EXACT.has(operator)));
  });
}

/** What cannot be read as filters counts as one that names what nobody sees. */
function filtersIn(texts: string[]): readonly { readonly column: string; readonly operator: string; readonly values: readonly string[] }[] {
  const columns = texts.map((text) => text.split(':', 1)[0] ?? '');
  try {
    return filtersOf(texts, columns);
  } catch (error) {
    if (error instanceof RequestError) return [{ column: '', operator: '', values: [''] }];
    throw error;
  }
}

function isOf(known: readonly string[], value: string, isWhole: boolean): boolean {
  return value === '' || known.some((name) => (isWhole ? name === value : name.includes(value)));
}

function lower(text: string): string {
  return text.toLowerCase();
}
