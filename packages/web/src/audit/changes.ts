/** What an entry of the audit log says was changed. */
import type { AuditEntry, AuditState } from '../api/accounts.ts';

export interface Change {
  readonly field: string;
  /** Null where there was nothing, or is nothing any more. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Fields that differ; all of them when something was added or removed. */
export function changesOf({ before, after }: Pick<AuditEntry, 'before' | 'after'>): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const all = fields.map((field) => ({ field, before: textOf(before, field), after: textOf(after, field) }));
  return before && after ? all.filter((change) => change.before !== change.after) : all;
}

function textOf(state: AuditState | null, field: string): string | null {
  const value = state?.[field];
  if (value === undefined) return null;
  if (value === true) return 'yes';
  if (value === false) return 'no';
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '–');
}

/** An entry in one line: what was changed, else the details, else the ids. */
export function shortly(entry: AuditEntry): string {
  const changes = changesOf(entry).filter(({ before, after }) => before !== 'no' || after !== null);
  const name = entry.after?.['name'] ?? entry.before?.['name'];
  const about = typeof name === 'string' ? `${name}: ` : '';
  if (changes.length > 0)
    return (
      about +
      changes
        .filter(({ field, after, before }) => field !== 'name' || (before !== null && after !== null))
        .filter(({ before, after }) => !(before === null && after === 'no') && !(after === null && before === 'no'))
        .map(({ field, before, after }) =>
          before === null || after === null ? `${field} ${after ?? before}` : `${field} ${before} → ${after}`,
        )
        .join(', ')
    );
  const details = Object.entries(entry.details).map(([field, value]) => `${field} ${String(value)}`);
  return details.length > 0 ? details.join(', ') : entry.on.join(', ');
}
