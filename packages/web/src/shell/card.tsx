/** A part of a page with a heading of its own. */
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { type ReactNode, useId } from 'react';
import { Trouble } from './trouble.tsx';

const useStyles = makeStyles({
  card: {
    padding: '18px 20px 20px',
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    display: 'grid',
    gap: '14px',
    alignContent: 'start',
    minWidth: 0,
    '& > :last-child': { marginBottom: 0 },
  },
  top: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: '4px 12px' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  lead: { color: tokens.colorNeutralForeground3, flexBasis: '100%' },
});

export interface CardProps {
  readonly title: ReactNode;
  /** What it is for. */
  readonly lead?: string;
  /** What stands at the right of the heading. */
  readonly aside?: ReactNode;
  /** What went wrong in it. */
  readonly error?: Error | null;
  readonly children: ReactNode;
}

export function Card({ title, lead, aside, error, children }: CardProps) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.top}>
        <h2 id={id} className={styles.heading}>
          {title}
        </h2>
        {aside}
        {lead !== undefined && <Text className={styles.lead}>{lead}</Text>}
      </div>
      <Trouble error={error} />
      {children}
    </section>
  );
}
