/** What the address of the map asks the server. */
import { filterText } from '../grid/column-filter.ts';

/** Parameters that the server is asked as they are. */
export const ASKED = ['search', 'filter', 'group', 'link'] as const;

/** The question to the server; `now` bounds when devices were seen last. */
export function questionOf(params: URLSearchParams, now: number): URLSearchParams {
  const query = new URLSearchParams();
  for (const key of ASKED) for (const value of params.getAll(key)) query.append(key, value);
  if (params.get('neighbours') === 'yes' && (query.has('search') || query.has('filter'))) query.set('neighbours', 'yes');
  const minutes = Number(params.get('seen') ?? '');
  if (minutes > 0)
    query.append(
      'filter',
      filterText({ column: 'lastSeen', operator: 'greater', values: [new Date(now - minutes * 60_000).toISOString()] }),
    );
  return query;
}

/** What of the question the inventory knows, too. */
export function withoutMapOnly(query: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams(query);
  for (const key of ['group', 'link', 'neighbours']) kept.delete(key);
  return kept;
}
