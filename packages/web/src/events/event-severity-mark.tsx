/** The weight of an event as a shape, a colour and the word. */
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { EventSeverity } from '../api/events.ts';

const useStyles = makeStyles({
  mark: { display: 'flex', alignItems: 'center', gap: '8px', whiteSpace: 'nowrap' },
  shape: { width: '10px', height: '10px', boxSizing: 'border-box', flexShrink: 0 },
  ALERT: { backgroundColor: 'light-dark(#c50f1f, #f4525c)', transform: 'rotate(45deg)' },
  NOTICE: { backgroundColor: 'light-dark(#e8640c, #f2941f)', borderRadius: '50%' },
  INFO: { border: `2px solid ${tokens.colorNeutralStrokeAccessible}`, borderRadius: '50%' },
});

export const EVENT_SEVERITY_WORDS: Readonly<Record<EventSeverity, string>> = { ALERT: 'Alert', NOTICE: 'Notice', INFO: 'Info' };

export function EventSeverityMark({ severity }: { severity: EventSeverity }) {
  const styles = useStyles();
  return (
    <span className={styles.mark}>
      <span className={mergeClasses(styles.shape, styles[severity])} aria-hidden />
      {EVENT_SEVERITY_WORDS[severity]}
    </span>
  );
}
