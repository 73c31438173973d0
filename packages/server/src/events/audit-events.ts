/** Which entries of the audit log stand in the event timeline, and what they say there. */
import type { EventType } from '@annunciator/core/event-types';
import type { AuditEntry } from '../audit.ts';

/** Actions with events of their own: those of the life cycle of alerts, of the inventory, of the baseline and of rules. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  ...['learn', 'unlearn', 'mute', 'unmute', 'status', 'severity', 'undo'].map((kind) => `alert.${kind}`),
  ...['edit', 'merge', 'split', 'delete'].map((action) => `device.${action}`),
  // What programs read changes nothing.
  'token.use',
  'token.refused',
  ...['accepted', 'rejected', 'edited', 'imported', 'reverted'].map((action) => `baseline.${action}`),
  ...['create', 'edit', 'delete'].map((action) => `rule.${action}`),
]);

/** What completes "NAME ...", by action; an action that is not here is told by its own name. */
const WORDS: Readonly<Record<string, string>> = {
  'alert-type.change': 'set how a type of alert is raised',
  'alert.pcap': 'downloaded packets of an alert',
  'event.pcap': 'downloaded packets of an event',
  'device.import': 'imported a table of devices',
  'device-group.create': 'made a group of devices',
  'device-group.edit': 'changed a group of devices',
  'device-group.remove': 'removed a group of devices',
  'learning.set': 'changed how a sensor learns',
  'passkey.add': 'added a passkey',
  'passkey.refused': 'was refused a passkey, or the removal of one',
  'passkey.rename': 'renamed a passkey',
  'passkey.remove': 'removed a passkey',
  'password.change': 'changed their password',
  'password.refused': 'was refused another password',
  'password.reset': 'set the password of a user anew',
  'second-factor.add': 'set up a second factor',
  'second-factor.refused': 'was refused a change of the second factor',
  'second-factor.remove': 'took a second factor away',
  'recovery-codes.refused': 'was refused new recovery codes',
  'recovery-codes.renew': 'made new recovery codes',
  'rule.settings': 'changed what custom rules share',
  'settings.change': 'changed settings of the system',
  'session.end': 'signed out',
  'session.revoke': 'ended a session',
  'subnet.edit': 'described a network',
  'subnet.remove': 'took back what was said of a network',
  'token.create': 'made an API token',
  'token.revoke': 'revoked an API token',
  'user.create': 'made a user',
  'user.change': 'changed a user',
  'user.remove': 'removed a user',
  'vlan.edit': 'named a VLAN',
};
/** Things told of an action at most. */
const MOST_TOLD = 5;

export interface AuditEvent {
  readonly type: EventType;
  readonly content: string;
}

/** The event of an entry; undefined when another event tells it already. */
export function eventOfAudit({ who, action, on, details = {}, address }: AuditEntry): AuditEvent | undefined {
  if (TOLD_ELSEWHERE.has(action)) return undefined;
  const from = address === undefined ? '' : ` from ${address}`;
  if (action === 'session.start') return { type: 'USER_LOGIN', content: `${who} signed in${from}.` };
  if (action === 'session.refused') return { type: 'USER_LOGIN', content: `Sign-in as ${who} was refused${from}.` };
  if (action === 'session.end' || action === 'password.change') return { type: 'USER_OPERATION', content: `${who} ${WORDS[action]}.` };
  const targets = on.slice(0, MOST_TOLD).join(', ') + (on.length > MOST_TOLD ? ` and ${on.length - MOST_TOLD} more` : '');
  const said = Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const content = `${who} ${WORDS[action] ?? `did ${action}`}${targets ? `: ${targets}` : ''}${said ? ` (${said})` : ''}.`;
  return { type: 'USER_OPERATION', content };
}
