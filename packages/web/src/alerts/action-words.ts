/** Words for what is done with alerts. */
import type { AlertDecision } from '../api/alerts.ts';
import type { AlertAction } from '../api/jobs.ts';
import { formatClock } from '../time/zone-time.ts';

export function alerts(count: number): string {
  return count === 1 ? '1 alert' : `${count.toLocaleString('en')} alerts`;
}

interface Words {
  /** On a button. */
  readonly name: string;
  /** What is done with a number of them, as a request: "Set 12 alerts to Closed". */
  readonly request: (which: string) => string;
  /** The same while it is being done. */
  readonly doing: (which: string) => string;
  /** After "12 alerts". */
  readonly done: string;
}

/** Null stands for undoing. */
export function wordsOf(action: AlertAction | null): Words {
  switch (action?.kind) {
    case undefined:
      return { name: 'Undo', request: (which) => `Set ${which} back`, doing: (which) => `Setting ${which} back`, done: 'set back' };
    case 'status':
      return setTo(action.status);
    case 'severity':
      return setTo(action.severity);
    case 'learn':
      return verb('Learn', 'Learning', 'learned and closed');
    case 'unlearn':
      return verb('Unlearn', 'Unlearning', 'unlearned');
    case 'mute':
      return verb('Mute', 'Muting', 'muted and closed');
    case 'unmute':
      return verb('Unmute', 'Unmuting', 'unmuted');
  }
}

function setTo(value: string): Words {
  return {
    name: `Set to ${value}`,
    request: (which) => `Set ${which} to ${value}`,
    doing: (which) => `Setting ${which} to ${value}`,
    done: `set to ${value}`,
  };
}

function verb(name: string, doing: string, done: string): Words {
  return { name, request: (which) => `${name} ${which}`, doing: (which) => `${doing} ${which}`, done };
}

/** What somebody changed, as a sentence. */
export function changeText({ who, at, before, after }: AlertDecision): string {
  return `${who ?? 'The system'}, ${formatClock(at)}: ${changedText(before, after)}.`;
}

/** What a decision changed, in few words. */
export function changedText(before: AlertDecision['before'], after: AlertDecision['after']): string {
  const disposition =
    after.disposition === before.disposition ? '' : after.disposition === 'none' ? `no longer ${before.disposition}` : after.disposition;
  const parts = [
    disposition,
    after.status === before.status ? '' : `set to ${after.status}`,
    after.severity === before.severity
      ? ''
      : `given ${after.severity === null ? "the sensor's severity" : `the severity ${after.severity}`}`,
  ];
  return parts.filter((part) => part !== '').join(', ') || 'changed';
}
