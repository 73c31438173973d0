/** What people set about the security of a hub: groups with their rules, protection on or off, workspace, solutions. */
import type { Gap } from '@annunciator/rules/evaluation/silent-windows';
import { groupKey } from '@annunciator/rules/groups/membership';
import { RuleError } from '@annunciator/rules/groups/rule-error';
import { checkGroupName, type Rule, saved, type SecurityGroup } from '@annunciator/rules/groups/security-group';
import { readIfThere, replaceFile } from './durable-file.ts';

/** Versions of a group that are kept beside the present one; after a crash some seconds are judged by them again. */
const EARLIER = 5;
const MOST_GROUPS = 1000;
/** Stretches without evaluation that are remembered. */
const MOST_GAPS = 200;

interface KeptGroup {
  readonly present: SecurityGroup;
  /** Older versions, newest first. */
  readonly earlier: readonly SecurityGroup[];
  /** It has no rules and is not listed; its version goes on if it comes again. */
  readonly deleted: boolean;
}

export interface Protection {
  readonly enabled: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly by: string | null;
}

interface Kept {
  readonly protection: Protection;
  readonly workspace: string | null;
  readonly resourceGroups: readonly string[];
  readonly groups: readonly KeptGroup[];
  readonly gaps: readonly Gap[];
  /** Documents of the management API by path, in lower case. */
  readonly documents: Readonly<Record<string, string>>;
}

/** What somebody saves: the rules of a group, and the version that was read; null when there was none. */
export interface GroupSave {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** Undefined: whatever version there is. */
  readonly version?: number | null;
}

const FRESH: Kept = {
  protection: { enabled: true, since: 0, by: null },
  workspace: null,
  resourceGroups: [],
  groups: [],
  gaps: [],
  documents: {},
};

export class SecuritySettings {
  readonly #path: string;
  #kept: Kept;
  #off: readonly Gap[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
    this.#off = kept.gaps.filter(({ isOff }) => isOff);
  }

  static async open(path: string): Promise<SecuritySettings> {
    const file = await readIfThere(path);
    // Written by this class, as a whole.
    return new SecuritySettings(path, file ? { ...FRESH, ...(JSON.parse(file.toString('utf8')) as Kept) } : FRESH);
  }

  get protection(): Protection {
    return this.#kept.protection;
  }

  get workspace(): string | null {
    return this.#kept.workspace;
  }

  get resourceGroups(): readonly string[] {
    return this.#kept.resourceGroups;
  }

  get gaps(): readonly Gap[] {
    return this.#kept.gaps;
  }

  /** Stretches in which evaluation was switched off, and is on again. */
  get off(): readonly Gap[] {
    return this.#off;
  }

  /** Groups that somebody saved, by name. */
  groups(): SecurityGroup[] {
    return this.#kept.groups.filter(({ deleted }) => !deleted).map(({ present }) => present);
  }

  group(name: string): SecurityGroup | undefined {
    const kept = this.#find(name);
    return kept && !kept.deleted ? kept.present : undefined;
  }

  /** Versions of all groups, oldest first, deleted ones included. */
  versions(): SecurityGroup[] {
    return this.#kept.groups.flatMap(({ present, earlier }) => [...earlier.toReversed(), present]);
  }

  #find(name: string): KeptGroup | undefined {
    const key = groupKey(name);
    return this.#kept.groups.find(({ present }) => groupKey(present.name) === key);
  }

  /**
   * Saves groups, all of them or none. Durable when the promise resolves.
   * @throws RuleError
   */
  async saveGroups(saves: readonly GroupSave[], who: { readonly at: number; readonly by: string }): Promise<SecurityGroup[]> {
    const results = saves.map((save) => {
      const kept = this.#find(save.name);
      const present = kept && !kept.deleted ? kept.present : undefined;
      const version = present?.version ?? null;
      if (save.version !== undefined && save.version !== version)
        throw new RuleError(
          'changed',
          `The group ${save.name} was saved by somebody else meanwhile: read it again, then repeat the change.`,
        );
      checkGroupName(save.name);
      const after = saved(present, save.name, save.rules, who);
      return { kept, after: { ...after, version: (kept?.present.version ?? 0) + 1 } };
    });
    const keys = results.map(({ after }) => groupKey(after.name));
    const twice = keys.find((key, at) => keys.indexOf(key) !== at);
    if (twice !== undefined) throw new RuleError('duplicate', `The group ${twice} stands in the list twice: give each group once.`);
    const others = this.#kept.groups.filter(({ present }) => !keys.includes(groupKey(present.name)));
    if (others.length + results.length > MOST_GROUPS)
      throw new RuleError('invalid', `There are ${others.length} groups; ${MOST_GROUPS} are allowed: delete some first.`);
    await this.#set({ groups: [...others, ...results.map(({ kept, after }) => keptOf(kept, after, false))] });
    return results.map(({ after }) => after);
  }

  /** Deletes a group; returns what takes its place in the evaluation, undefined when there is none. */
  async removeGroup(name: string, who: { readonly at: number; readonly by: string }): Promise<SecurityGroup | undefined> {
    const kept = this.#find(name);
    if (!kept || kept.deleted) return undefined;
    const after = { ...kept.present, version: kept.present.version + 1, savedAt: who.at, savedBy: who.by, rules: [] };
    await this.#set({ groups: this.#kept.groups.map((group) => (group === kept ? keptOf(kept, after, true) : group)) });
    return after;
  }

  async set(change: Partial<Pick<Kept, 'protection' | 'workspace' | 'resourceGroups'>>): Promise<void> {
    await this.#set(change);
  }

  async addGap(gap: Gap): Promise<void> {
    const gaps = [...this.#kept.gaps, gap].slice(-MOST_GAPS);
    this.#off = gaps.filter(({ isOff }) => isOff);
    await this.#set({ gaps });
  }

  /** A document of the management API, JSON text. */
  document(path: string): string | undefined {
    return Object.hasOwn(this.#kept.documents, path) ? this.#kept.documents[path] : undefined;
  }

  documents(): readonly (readonly [string, string])[] {
    return Object.entries(this.#kept.documents);
  }

  /** @param body JSON text; null removes the document */
  async setDocument(path: string, body: string | null): Promise<void> {
    const { [path]: _, ...others } = this.#kept.documents;
    await this.#set({ documents: body === null ? others : { ...others, [path]: body } });
  }

  /** One write after the other; each writes what is set by then. */
  #set(change: Partial<Kept>): Promise<void> {
    const before = this.#kept;
    this.#kept = { ...before, ...change };
    const written = this.#writing.then(() => replaceFile(this.#path, [Buffer.from(JSON.stringify(this.#kept))]));
    this.#writing = written.catch(() => {
      // Nothing was written: what was set with it does not hold.
      for (const part of Object.keys(change)) if (part in before) this.#kept = { ...this.#kept, [part]: Reflect.get(before, part) };
    });
    return written;
  }
}

function keptOf(before: KeptGroup | undefined, present: SecurityGroup, deleted: boolean): KeptGroup {
  return { present, earlier: before ? [before.present, ...before.earlier].slice(0, EARLIER) : [], deleted };
}
