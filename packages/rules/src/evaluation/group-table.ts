/** Security groups by number, with the rules that hold now. Devices keep the number of their group. */
import { groupKey } from '../groups/membership.ts';
import { type CompiledRule, revivedRule, type StoredRule, storedRule, windowSize } from './compiled-rule.ts';

export interface Group {
  /** As it was first typed, until its rules are saved. */
  name: string;
  /** Version of its rules; 0 before any was saved. */
  version: number;
  rules: readonly (CompiledRule | undefined)[];
}

export interface SavedGroup {
  readonly name: string;
  readonly version: number;
  readonly rules: readonly (StoredRule | null)[];
}

const NO_GROUP = 0;

export class GroupTable {
  readonly #most: number;
  /** The first is for devices whose group has no number. */
  readonly #groups: Group[] = [{ name: '', version: 0, rules: [] }];
  readonly #numbers = new Map<string, number>([['', NO_GROUP]]);
  #refused = 0;

  /** @param most different names */
  constructor(most: number) {
    this.#most = most;
  }

  /** How often a name found no room: it has no rules then. */
  get refused(): number {
    return this.#refused;
  }

  at(number: number): Group {
    return this.#groups[number];
  }

  entries(): IterableIterator<[number, Group]> {
    return this.#groups.entries();
  }

  /** The number of a name that is known. */
  find(name: string): number | undefined {
    return this.#numbers.get(groupKey(name));
  }

  /** The number of a name, which becomes known. */
  number(name: string): number {
    const known = this.find(name);
    if (known !== undefined) return known;
    // So many names are no names of groups.
    if (this.#groups.length >= this.#most) {
      this.#refused++;
      return NO_GROUP;
    }
    this.#groups.push({ name, version: 0, rules: [] });
    this.#numbers.set(groupKey(name), this.#groups.length - 1);
    return this.#groups.length - 1;
  }

  /** Minutes of a window of a rule in a group; 0 where it counts none. */
  size(group: number, rule: number): number {
    return group < 0 ? 0 : windowSize(this.#groups[group].rules[rule]);
  }

  snapshot(): SavedGroup[] {
    return this.#groups.map(({ name, version, rules }) => ({ name, version, rules: rules.map(storedRule) }));
  }

  /** For a table that knows no group yet. */
  restore(saved: readonly SavedGroup[]): void {
    this.#groups.splice(
      0,
      this.#groups.length,
      ...saved.map(({ name, version, rules }) => ({ name, version, rules: rules.map(revivedRule) })),
    );
    for (const [number, { name }] of this.#groups.entries()) this.#numbers.set(groupKey(name), number);
  }
}
