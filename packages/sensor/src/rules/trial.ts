/** Tries rules on captures: how often they would have held, and when. Nothing is raised. */
import type { Instant } from '@annunciator/core/time';
import type { CaptureError } from '@annunciator/packet/capture/capture-error';
import { analyse } from '../analysis/analysis.ts';
import type { SensorMemory } from '../sensor.ts';
import type { RuleMatch } from './engine.ts';
import type { Rule, RuleSettings } from './rule.ts';

/** A time at which a rule would have held. */
export type TrialMatch = Omit<RuleMatch, 'rule'>;

export interface TriedRule {
  readonly rule: string;
  readonly count: number;
  readonly first: Instant | null;
  readonly last: Instant | null;
  /** The first ones. */
  readonly matches: readonly TrialMatch[];
}

export interface RuleTrial {
  readonly rules: readonly TriedRule[];
  readonly packets: number;
  /** Packet times of the first and the last packet; null when there was none. */
  readonly from: Instant | null;
  readonly to: Instant | null;
}

export interface TrialOptions {
  /** Matches that are listed for each rule. */
  readonly limit: number;
  /** What is known of devices, for rules that ask for groups of them. */
  readonly memory?: SensorMemory;
  readonly progress?: (packets: number) => void;
}

/** Rules that are switched off are tried, too. FILEs that cannot be read are returned as errors; the rest is still read. */
export async function tryRules(
  files: readonly string[],
  rules: readonly Rule[],
  settings: RuleSettings,
  { limit, memory, progress }: TrialOptions,
): Promise<{ trial: RuleTrial; errors: CaptureError[] }> {
  const tried = new Map(rules.map(({ id }) => [id, { count: 0, first: null, last: null, matches: [] } as Tried]));
  const { analysis, errors } = await analyse(files, {
    ...(progress ? { progress } : {}),
    ...(memory ? { memory } : {}),
    rules: {
      rules: rules.map((rule) => ({ ...rule, enabled: true })),
      settings,
      held: ({ rule, ...match }) => {
        const of = tried.get(rule.id);
        if (!of) return;
        of.count++;
        of.first ??= match.time;
        of.last = match.time;
        if (of.matches.length < limit) of.matches.push(match);
      },
    },
  });
  const { packets, firstTime, lastTime } = analysis.summary;
  return { trial: { rules: [...tried].map(([rule, of]) => ({ rule, ...of })), packets, from: firstTime, to: lastTime }, errors };
}

interface Tried {
  count: number;
  first: Instant | null;
  last: Instant | null;
  matches: TrialMatch[];
}
