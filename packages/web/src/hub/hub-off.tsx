/** A page of the hub while no hub runs: why, and what to do. */
import { makeStyles, Subtitle1, Text, Title3, tokens } from '@fluentui/react-components';
import { useEffect } from 'react';

const useStyles = makeStyles({
  page: { height: '100%', display: 'grid', gridTemplateRows: 'auto minmax(0, 1fr)' },
  heading: { padding: '14px 20px 4px' },
  inside: {
    display: 'grid',
    gap: '10px',
    alignContent: 'center',
    justifyItems: 'center',
    padding: '24px',
    textAlign: 'center',
    color: tokens.colorNeutralForeground2,
  },
});

export function HubOff({ title, why }: { title: string; why: string }) {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} · Annunciator`;
  }, [title]);
  return (
    <div className={styles.page}>
      <Title3 as="h1" className={styles.heading}>
        {title}
      </Title3>
      <div className={styles.inside}>
        <Subtitle1 as="h2">There is no hub to show</Subtitle1>
        <Text>{why}</Text>
      </div>
    </div>
  );
}
