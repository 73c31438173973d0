/** Settings: how the portal looks to oneself, and how long the system keeps what it has. */
import { makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import { useEffect } from 'react';
import { useSession } from '../session/session-gate.tsx';
import { AppearanceSettings } from './appearance-settings.tsx';
import { CommentTextSettings } from './comment-text-settings.tsx';
import { SystemSettings } from './system-settings.tsx';
import { TimeSettings } from './time-settings.tsx';
import { TourSettings } from './tour-settings.tsx';

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '900px', padding: '16px 24px 40px', display: 'grid', gap: '20px' },
  heading: { display: 'grid', gap: '2px' },
  faint: { color: tokens.colorNeutralForeground3 },
});

export function Page() {
  const styles = useStyles();
  const session = useSession();
  useEffect(() => {
    document.title = 'Settings · Annunciator';
  }, []);
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <div className={styles.heading}>
          <Title3 as="h1">Settings</Title3>
          <Text className={styles.faint}>What you choose for yourself is kept by the server: it is the same in every browser.</Text>
        </div>
        <TimeSettings />
        <AppearanceSettings />
        <TourSettings />
        {session.may('settings.view') && <SystemSettings />}
        {session.may('commentTexts.edit') && <CommentTextSettings />}
      </div>
    </div>
  );
}
