/** The question to the grid as the address carries it: `?search=plc&from=...&filter=status:equals:New,Active&sort=-lastDetection`. */
import { ALERT_COLUMNS, type AlertMatch, type AlertQuery, FILTER_COLUMNS } from '@annunciator/store/alert-query';
import { z } from 'zod';
import { filterParameters, filtersOf, sortOf } from '../http/filter-address.ts';
import { timeOf } from '../http/time-address.ts';

export const alertAddressSchema = z.object({
  search: z
    .string()
    .max(200)
    .optional()
    .describe('Words in title, message, devices, addresses, protocol or id; all have to occur, those in double quotes together'),
  from: z.string().max(40).optional().describe('Earliest last detection, ISO 8601 with offset'),
  to: z.string().max(40).optional().describe('Latest last detection, ISO 8601 with offset'),
  ...filterParameters(FILTER_COLUMNS),
});
export type AlertAddress = z.infer<typeof alertAddressSchema>;

/** The query an address asks, within what the asker may see. Throws a {@link RequestError} that names the part that cannot be read. */
export function alertQueryOf(address: AlertAddress, scope?: AlertMatch['scope']): AlertQuery {
  return { ...alertMatchOf(address, scope), sort: sortOf(address.sort ?? '-lastDetection', ALERT_COLUMNS) };
}

/** Which alerts an address means, whatever their order. */
export function alertMatchOf(address: Omit<AlertAddress, 'sort'>, scope?: AlertMatch['scope']): AlertMatch {
  const from = timeOf('from', address.from);
  const to = timeOf('to', address.to);
  return {
    ...(address.search?.trim() ? { search: address.search.trim() } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    filters: filtersOf(address.filter, FILTER_COLUMNS),
    ...(scope ? { scope } : {}),
  };
}
