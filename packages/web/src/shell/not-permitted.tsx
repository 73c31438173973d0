/** In place of a page that one's role does not include, for those who open its address. */
import { Link, makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import { useEffect } from 'react';
import { Link as RouterLink } from 'react-router';
import { useSession } from '../session/session-gate.tsx';

const useStyles = makeStyles({
  page: { display: 'grid', gap: '8px', padding: '24px 20px', justifyItems: 'start' },
  why: { color: tokens.colorNeutralForeground2, maxWidth: '560px' },
});

export function NotPermitted() {
  const styles = useStyles();
  const { role, console } = useSession();
  useEffect(() => {
    document.title = 'Not in your role · Annunciator';
  }, []);
  return (
    <div className={styles.page}>
      <Title3 as="h1">Not in your role</Title3>
      <Text className={styles.why}>
        You are {role}, which does not include this page. Ask {console === 'portal' ? 'an Owner' : 'an Admin'} for another role.
      </Text>
      <RouterLink to="/alerts">
        <Link as="span">Go to the alerts</Link>
      </RouterLink>
    </div>
  );
}
