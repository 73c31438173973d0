/** A text of rules with all that is wrong with it, each fault with its place. */
import { checkRule, checkRuleSettings } from './check.ts';
import { type PlacedRule, parseRuleText } from './parse.ts';
import type { RuleProblem, RuleSettings } from './rule.ts';
import { RuleTextError } from './tokens.ts';

export interface PlacedProblem extends RuleProblem {
  /** Of the rule, or of the word where reading ended; absent for settings. */
  readonly line?: number;
  readonly column?: number;
}

export interface CheckedRules {
  readonly rules: readonly PlacedRule[];
  /** Those of the text, else the ones that are in force. */
  readonly settings: RuleSettings;
  readonly problems: readonly PlacedProblem[];
}

/** @param inForce settings for a text that says nothing of them */
export function checkedRules(text: string, inForce: RuleSettings): CheckedRules {
  try {
    const read = parseRuleText(text);
    const settings = read.settings ?? inForce;
    const problems: PlacedProblem[] = read.settings ? checkRuleSettings(read.settings) : [];
    for (const { rule, line, column } of read.rules)
      for (const { part, message } of checkRule(rule, settings))
        problems.push({ part, message: `"${rule.name}": ${message}`, line, column });
    return { rules: read.rules, settings, problems };
  } catch (error) {
    if (!(error instanceof RuleTextError)) throw error;
    const { line, column, message } = error;
    return { rules: [], settings: inForce, problems: [{ part: 'text', message, line, column }] };
  }
}
