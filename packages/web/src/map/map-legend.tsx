/** What the signs of the map mean, and what it is filtered and highlighted by. */
import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { Dismiss12Regular } from '@fluentui/react-icons/svg/dismiss';

const useStyles = makeStyles({
  pill: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: '2px',
    height: '28px',
    paddingLeft: '12px',
    borderRadius: '14px',
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
  },
  pillX: { minWidth: '28px', height: '28px', color: 'inherit', ':hover': { color: 'inherit' } },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '14px', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  key: { display: 'inline-flex', alignItems: 'center', gap: '6px' },
  dot: { width: '10px', height: '10px', borderRadius: '50%', boxSizing: 'border-box' },
  alert: { backgroundColor: 'light-dark(#c50f1f, #f4525c)' },
  stranger: { border: '2px dashed light-dark(#c2570c, #f2941f)' },
  plain: { border: `2px solid ${tokens.colorNeutralStrokeAccessible}` },
  star: { color: 'light-dark(#b26b00, #f2b01f)' },
  chosen: { backgroundColor: tokens.colorBrandForeground1 },
});

export function Pill({ text, onRemove }: { text: string; onRemove: () => void }) {
  const styles = useStyles();
  return (
    <span className={styles.pill}>
      {text}
      <Button
        appearance="transparent"
        size="small"
        className={styles.pillX}
        icon={<Dismiss12Regular />}
        aria-label={`Remove ${text}`}
        onClick={onRemove}
      />
    </span>
  );
}

export function Legend() {
  const styles = useStyles();
  const keys: readonly (readonly [style: string, words: string])[] = [
    [styles.alert, 'open alerts'],
    [styles.plain, 'no alerts'],
    [styles.stranger, 'unauthorized'],
    [styles.chosen, 'selected, highlighted or new'],
  ];
  return (
    <span className={styles.legend}>
      {keys.map(([style, words]) => (
        <span key={words} className={styles.key}>
          <span className={`${styles.dot} ${style}`} aria-hidden />
          {words}
        </span>
      ))}
      <span className={styles.key}>
        <span className={styles.star} aria-hidden>
          ★
        </span>
        important
      </span>
    </span>
  );
}
