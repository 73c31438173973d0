/** The gallery of workbooks. */
import { Link, makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import { Alert24Regular } from '@fluentui/react-icons/svg/alert';
import { DeveloperBoard24Regular } from '@fluentui/react-icons/svg/developer-board';
import { HeartPulse24Regular } from '@fluentui/react-icons/svg/heart-pulse';
import { ShieldTask24Regular } from '@fluentui/react-icons/svg/shield-task';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';

const WORKBOOKS = [
  ['alerts', 'Alerts', 'How many, how severe, over time, and where they come from.', Alert24Regular],
  ['devices', 'Devices', 'What there is by type, vendor and Purdue level, and what is new.', DeveloperBoard24Regular],
  ['sensor-health', 'Sensor health', 'How the sensors are, what is wrong, and what each one sees.', HeartPulse24Regular],
  ['mitre', 'MITRE ATT&CK for ICS', 'Which tactics and techniques the alerts belong to.', ShieldTask24Regular],
] as const;

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1240px', padding: '14px 24px 40px', display: 'grid', gap: '16px' },
  cards: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 270px), 1fr))',
    gap: '16px',
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  card: {
    display: 'grid',
    gap: '8px',
    padding: '18px 20px',
    height: '100%',
    boxSizing: 'border-box',
    alignContent: 'start',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  icon: { color: tokens.colorBrandForeground1 },
  name: { fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, justifySelf: 'start', textAlign: 'left' },
  faint: { color: tokens.colorNeutralForeground2 },
});

export function Page() {
  const styles = useStyles();
  const navigate = useNavigate();
  useEffect(() => {
    document.title = 'Workbooks · Annunciator';
  }, []);
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Title3 as="h1">Workbooks</Title3>
        <ul className={styles.cards}>
          {WORKBOOKS.map(([id, title, text, Icon]) => (
            <li key={id} className={styles.card}>
              <Icon className={styles.icon} aria-hidden />
              <Link as="button" className={styles.name} onClick={() => void navigate(`/workbooks/${id}`)}>
                {title}
              </Link>
              <Text className={styles.faint}>{text}</Text>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
