/** Rules in words. */
import { isListRule, type Rule } from '../../api/hub-security.ts';

/** `5 minutes`, `1 hour`. */
export function windowWords(timeWindowSize: string): string {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(timeWindowSize);
  if (!match) return timeWindowSize;
  const parts = [match[1], match[2], match[3]].map((part) => Number(part ?? 0));
  const words = ['day', 'hour', 'minute'].flatMap((unit, at) => {
    const amount = parts[at] ?? 0;
    return amount === 0 ? [] : [`${amount} ${unit}${amount === 1 ? '' : 's'}`];
  });
  return words.join(' ') || timeWindowSize;
}

/** What a rule allows, in a few words. */
export function allowedWords(rule: Rule): string {
  if (isListRule(rule)) {
    const [first, ...rest] = rule.allowlistValues;
    if (first === undefined) return 'nothing';
    return rest.length === 0 ? first : `${first} and ${rest.length} more`;
  }
  const { minThreshold, maxThreshold, timeWindowSize } = rule;
  const number = (value: number): string => value.toLocaleString('en');
  const range = minThreshold === maxThreshold ? number(minThreshold) : `${number(minThreshold)} to ${number(maxThreshold)}`;
  return `${range} in ${windowWords(timeWindowSize)}`;
}
