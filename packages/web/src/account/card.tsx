/** A part of the account page: a heading, what it is for, and its controls. */
import { makeStyles, MessageBar, MessageBarBody, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { type ReactNode, useId } from 'react';

const useStyles = makeStyles({
  card: {
    display: 'grid',
    gap: '14px',
    padding: '16px 20px 18px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    minWidth: 0,
  },
  heading: { display: 'grid', gap: '2px' },
  lead: { color: tokens.colorNeutralForeground3 },
});

export function Card({ title, lead, error, children }: { title: string; lead: string; error: Error | null; children: ReactNode }) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.heading}>
        <Subtitle2 as="h2" id={id}>
          {title}
        </Subtitle2>
        <Text className={styles.lead}>{lead}</Text>
      </div>
      {error && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{error.message}</MessageBarBody>
        </MessageBar>
      )}
      {children}
    </section>
  );
}
