/**
 * What people set about types of alerts beside what the catalogue says: on or off, the severity, the threshold. It is written
 * before it holds, and holds for what sensors detect from then on; alerts that are there stay as they are.
 */
import { SEVERITIES } from '@annunciator/core/alert';
import type { AlertType, TypeSetting, TypeSettings } from '@annunciator/core/alert-type';
import { findAlertType } from '@annunciator/core/catalogue';
import type { JsonValue } from '@annunciator/store/settings';
import type { PortalRecords } from '../portal-records.ts';

const KEPT = 'alert-types';

/** What is asked of a type: null takes back what somebody set, what is absent stays. */
export interface TypeChange {
  readonly on?: boolean | null | undefined;
  readonly severity?: TypeSetting['severity'] | null | undefined;
  readonly threshold?: TypeSetting['threshold'] | null | undefined;
}

/** Most that a threshold counts, where the catalogue's is not larger by itself, and the longest window: a month. */
const MOST_COUNT = 100_000;
const LONGEST_WINDOW = 31 * 86_400;

/** Why a type cannot have a threshold, as a sentence; null when it can. */
export function thresholdProblem(
  { title, threshold }: Pick<AlertType, 'title' | 'threshold'>,
  asked: NonNullable<TypeSetting['threshold']>,
): string | null {
  if (!threshold) return `${title} counts nothing, so it has no threshold.`;
  const most = Math.max(MOST_COUNT, 10 * threshold.count);
  const { count, windowSeconds } = asked;
  if (!Number.isInteger(count) || count < 1 || count > most)
    return `${title} is raised from 1 to ${most.toLocaleString('en')} ${threshold.metric} on, a whole number; ${count} was given.`;
  if (threshold.windowSeconds === 0) return windowSeconds === 0 ? null : `${title} counts in no window: leave windowSeconds at 0.`;
  if (Number.isInteger(windowSeconds) && windowSeconds >= 1 && windowSeconds <= Math.max(LONGEST_WINDOW, threshold.windowSeconds))
    return null;
  return `${title} counts within 1 to ${LONGEST_WINDOW.toLocaleString('en')} seconds, a whole number; ${windowSeconds} was given.`;
}

export class TypeSwitches {
  readonly #store: PortalRecords['settings'];
  readonly #enableAll: boolean;
  #set: TypeSettings;
  #apply: (types: TypeSettings) => Promise<void> = () => Promise.resolve();
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(store: PortalRecords['settings'], enableAll: boolean, set: TypeSettings) {
    this.#store = store;
    this.#enableAll = enableAll;
    this.#set = set;
  }

  /** Opens what the store kept. @param enableAll the types that are off by default are on */
  static async open(store: PortalRecords['settings'], enableAll = false): Promise<TypeSwitches> {
    return new TypeSwitches(store, enableAll, keptTypes(await store.get(KEPT)));
  }

  /** All that is set, by type. */
  get current(): TypeSettings {
    return this.#set;
  }

  of(id: string): TypeSetting {
    return this.#set[id] ?? {};
  }

  isOn(type: Pick<AlertType, 'id' | 'disabledByDefault'>): boolean {
    return this.of(type.id).on ?? (this.#enableAll || !type.disabledByDefault);
  }

  /** Told what is set after each change, and waited for. */
  onChange(apply: (types: TypeSettings) => Promise<void>): void {
    this.#apply = apply;
  }

  /** Sets what is asked. Resolves when it is kept and the sensors go by it. */
  change(id: string, { on, severity, threshold }: TypeChange): Promise<{ readonly before: TypeSetting; readonly after: TypeSetting }> {
    const turn = this.#changes.then(async () => {
      const before = this.of(id);
      const given = Object.entries({ on, severity, threshold }).filter(([, value]) => value !== undefined);
      const asked = { ...before, ...Object.fromEntries(given) };
      // Null is not kept.
      const after = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null)) as TypeSetting;
      const { [id]: _, ...others } = this.#set;
      const set: TypeSettings = Object.keys(after).length === 0 ? others : { ...others, [id]: after };
      await this.#store.set({ [KEPT]: set as unknown as JsonValue });
      this.#set = set;
      await this.#apply(set);
      return { before, after };
    });
    this.#changes = turn.catch(() => undefined);
    return turn;
  }
}

/** The settings that a kept value stands for: of types that there are, with values that there are. */
export function keptTypes(value: unknown): TypeSettings {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([id, kept]): [string, TypeSetting][] => {
      const type = findAlertType(id);
      if (!type || typeof kept !== 'object' || kept === null) return [];
      // Each is checked before it is taken.
      const { on, severity, threshold } = kept as { on?: unknown; severity?: unknown; threshold?: NonNullable<TypeSetting['threshold']> };
      const fits = typeof threshold === 'object' && threshold !== null && thresholdProblem(type, threshold) === null;
      const known = SEVERITIES.find((one) => one === severity);
      return [[id, { ...(typeof on === 'boolean' ? { on } : {}), ...(known ? { severity: known } : {}), ...(fits ? { threshold } : {}) }]];
    }),
  );
}
