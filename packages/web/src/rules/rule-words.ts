/** Words for what a rule is. */
import type { Severity } from '../api/alerts.ts';
import type { Rule, RuleSeverity } from '../api/rules.ts';

/** As the portal calls what the sensor calls so. */
export const PORTAL_SEVERITY: Readonly<Record<RuleSeverity, Severity>> = {
  Critical: 'High',
  Major: 'Medium',
  Minor: 'Low',
  Warning: 'Low',
};

export const stateWord = ({ enabled, problems }: Rule): string =>
  problems.length > 0 ? 'Cannot be used' : enabled ? 'Enabled' : 'Disabled';
