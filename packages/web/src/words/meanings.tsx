/** Meanings of words, as tooltips show them and as a button of its own tells them. */
import { Button, makeStyles, Popover, PopoverSurface, PopoverTrigger, tokens, Tooltip } from '@fluentui/react-components';
import { Info16Regular } from '@fluentui/react-icons/svg/info';
import { Fragment, type ReactElement } from 'react';
import type { Meanings } from './word-help.ts';

const useStyles = makeStyles({
  list: { margin: 0, display: 'grid', gap: '2px', lineHeight: tokens.lineHeightBase200 },
  word: { fontWeight: tokens.fontWeightSemibold, ':not(:first-child)': { marginTop: '6px' } },
  meaning: { margin: 0 },
  surface: { maxWidth: '340px', fontSize: tokens.fontSizeBase200 },
  button: { minWidth: '20px', width: '20px', height: '20px', padding: 0, verticalAlign: 'middle' },
});

/** Each word with its meaning below it. */
export function MeaningList({ meanings }: { meanings: Meanings }) {
  const styles = useStyles();
  return (
    <dl className={styles.list}>
      {Object.entries(meanings).map(([word, meaning]) => (
        <Fragment key={word}>
          <dt className={styles.word}>{word}</dt>
          <dd className={styles.meaning}>{meaning}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** A button that tells meanings: for words that stand where nothing takes the focus. @param label what it tells, such as "What this engine means" */
export function MeaningButton({ label, meanings }: { label: string; meanings: Meanings }) {
  const styles = useStyles();
  return (
    <Popover withArrow trapFocus={false} positioning="above-start">
      <PopoverTrigger disableButtonEnhancement>
        <Button className={styles.button} appearance="transparent" size="small" icon={<Info16Regular />} aria-label={label} />
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label={label}>
        <MeaningList meanings={meanings} />
      </PopoverSurface>
    </Popover>
  );
}

/** What a control means, beside it while it is hovered over or has the focus of the keyboard. */
export function Explained({ meaning, children }: { meaning: string | undefined; children: ReactElement }) {
  if (meaning === undefined) return children;
  return (
    <Tooltip content={meaning} relationship="description" positioning="after" withArrow>
      {children}
    </Tooltip>
  );
}
