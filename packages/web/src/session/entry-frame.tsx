/** The frame of the pages before the portal: one card in the middle. */
import { makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import mark from '../shell/annunciator.svg';

const useStyles = makeStyles({
  page: {
    minHeight: '100%',
    display: 'grid',
    placeItems: 'center',
    padding: '24px',
    boxSizing: 'border-box',
    backgroundColor: tokens.colorNeutralBackground3,
    backgroundImage: `radial-gradient(circle at 50% -20%, ${tokens.colorBrandBackground2}, transparent 60%)`,
  },
  card: {
    width: '100%',
    maxWidth: '380px',
    boxSizing: 'border-box',
    padding: '36px 40px 40px',
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow16,
  },
  brand: { display: 'flex', alignItems: 'center', gap: '12px', marginBottom: '28px' },
  mark: { width: '36px', height: '36px' },
  lead: { display: 'block', color: tokens.colorNeutralForeground3, marginTop: '4px', marginBottom: '20px' },
});

export function EntryFrame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <img src={mark} alt="" className={styles.mark} />
          <Text size={500} weight="semibold">
            Annunciator
          </Text>
        </div>
        <Title3 as="h1">{title}</Title3>
        <Text className={styles.lead}>{lead}</Text>
        {children}
      </div>
    </main>
  );
}
