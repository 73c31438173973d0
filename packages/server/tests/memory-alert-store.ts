/** An alert store in memory, for tests: the same answers as the real one, with plain loops. */
import { shownSeverity } from '@annunciator/core/severity';
import { PORTAL_SEVERITIES } from '@annunciator/core/alert';
import { findAlertType } from '@annunciator/core/catalogue';
import { formatInstant } from '@annunciator/core/time';
import type { AlertColumn, AlertFilter, AlertPage, AlertQuery, AlertStore, GroupCount, StoredAlert } from '@annunciator/store/alert-query';

export class MemoryAlertStore implements AlertStore {
  readonly #alerts = new Map<string, StoredAlert>();
  /** Makes the next saves fail, as a full disk would. */
  failing = false;

  async save(alerts: readonly StoredAlert[]): Promise<void> {
    if (this.failing) throw new Error('disk full');
    for (const alert of alerts) this.#alerts.set(alert.id, alert);
  }

  async get(id: string): Promise<StoredAlert | undefined> {
    return this.#alerts.get(id);
  }

  async page(query: AlertQuery, limit: number, cursor: string | null): Promise<AlertPage> {
    const matching = this.#matching(query);
    const start = cursor === null ? 0 : matching.findIndex((alert) => alert.id === cursor) + 1;
    const alerts = matching.slice(start, start + limit);
    const last = alerts.at(-1);
    return { alerts, next: last && start + limit < matching.length ? last.id : null, matching: matching.length, total: this.#alerts.size };
  }

  async groups(query: AlertQuery, column: AlertColumn): Promise<readonly GroupCount[]> {
    const counts = new Map<string, number>();
    for (const alert of this.#matching(query)) for (const value of valuesOf(alert, column)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return Array.from(counts, ([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
  }

  async *stream(query: AlertQuery, batch: number): AsyncIterable<readonly StoredAlert[]> {
    const matching = this.#matching(query);
    for (let start = 0; start < matching.length; start += batch) yield matching.slice(start, start + batch);
  }

  async *open(): AsyncIterable<readonly StoredAlert[]> {
    yield [...this.#alerts.values()].filter((alert) => alert.status !== 'Closed' || alert.disposition !== 'none');
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#alerts.delete(id);
  }

  #matching(query: AlertQuery): StoredAlert[] {
    const text = query.search?.toLowerCase();
    const found = [...this.#alerts.values()].filter(
      (alert) =>
        (query.from === undefined || alert.lastDetection >= query.from) &&
        (query.to === undefined || alert.lastDetection <= query.to) &&
        (text === undefined || searched(alert).includes(text)) &&
        query.filters.every((filter) => passes(alert, filter)),
    );
    const { column, descending } = query.sort;
    const direction = descending ? -1 : 1;
    return found.sort((a, b) => direction * compare(sortKey(a, column), sortKey(b, column)) || compare(a.id, b.id));
  }
}

function passes(alert: StoredAlert, { column, operator, values }: AlertFilter): boolean {
  const own = valuesOf(alert, column);
  const some = (test: (own: string, value: string) => boolean) =>
    own.some((mine) => values.some((value) => test(mine.toLowerCase(), value.toLowerCase())));
  switch (operator) {
    case 'equals':
      return some((mine, value) => mine === value);
    case 'notEquals':
      return !some((mine, value) => mine === value);
    case 'contains':
      return some((mine, value) => mine.includes(value));
    case 'notContains':
      return !some((mine, value) => mine.includes(value));
    case 'startsWith':
      return some((mine, value) => mine.startsWith(value));
    case 'greater':
      return some((mine, value) => mine > value);
    case 'less':
      return some((mine, value) => mine < value);
  }
}

function valuesOf(alert: StoredAlert, column: AlertColumn): string[] {
  switch (column) {
    case 'severity':
      return [shownSeverity(alert)];
    case 'firstDetection':
    case 'lastDetection':
    case 'lastActivity':
      return [formatInstant(alert[column])];
    case 'sourceDevice':
      return [alert.source?.name ?? alert.source?.ip ?? alert.source?.mac ?? ''];
    case 'destinationDevice':
      return [alert.destination?.name ?? alert.destination?.ip ?? alert.destination?.mac ?? ''];
    case 'sourceAddress':
      return [alert.source?.ip ?? ''];
    case 'destinationAddress':
      return [alert.destination?.ip ?? ''];
    case 'tactics':
      return (findAlertType(alert.type)?.tactics ?? []).map((tactic) => tactic.name);
    default:
      return [alert[column] ?? ''];
  }
}

function sortKey(alert: StoredAlert, column: AlertColumn): string | number {
  if (column === 'severity') return -PORTAL_SEVERITIES.indexOf(shownSeverity(alert));
  return valuesOf(alert, column).join(' ');
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function searched(alert: StoredAlert): string {
  const ends = [alert.source, alert.destination].flatMap((end) => (end ? [end.device, end.name, end.ip, end.mac] : []));
  return [alert.title, alert.message, alert.protocol, alert.id, ...ends].join(' ').toLowerCase();
}
