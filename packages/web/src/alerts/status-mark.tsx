/** Status as a shape and the word; learned and muted alerts say so. */
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { AlertRow } from '../api/alerts.ts';

const useStyles = makeStyles({
  mark: { display: 'flex', alignItems: 'center', gap: '8px', whiteSpace: 'nowrap' },
  shape: { width: '8px', height: '8px', borderRadius: '50%', boxSizing: 'border-box', flexShrink: 0 },
  New: { backgroundColor: tokens.colorCompoundBrandBackground },
  Active: {
    border: `2px solid ${tokens.colorCompoundBrandBackground}`,
    background: `linear-gradient(90deg, ${tokens.colorCompoundBrandBackground} 50%, transparent 50%)`,
  },
  Closed: { border: `2px solid ${tokens.colorNeutralStrokeAccessible}` },
  quiet: { color: tokens.colorNeutralForeground3 },
});

export function StatusMark({ alert }: { alert: Pick<AlertRow, 'status' | 'disposition'> }) {
  const styles = useStyles();
  const word = alert.disposition === 'none' ? alert.status : alert.disposition === 'learned' ? 'Learned' : 'Muted';
  return (
    <span
      className={mergeClasses(styles.mark, alert.status === 'Closed' && styles.quiet)}
      {...(word === alert.status ? {} : { title: `Closed, ${word.toLowerCase()}` })}
    >
      <span className={mergeClasses(styles.shape, styles[alert.status])} aria-hidden />
      {word}
    </span>
  );
}
