/** The pane at the right of the grid: enough to decide what to do next. */
import { Button, makeStyles, MessageBar, MessageBarBody, Spinner, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { Dismiss20Regular } from '@fluentui/react-icons/svg/dismiss';
import { HatGraduation20Regular } from '@fluentui/react-icons/svg/hat-graduation';
import { useNavigate } from 'react-router';
import type { AlertRow } from '../api/alerts.ts';
import { useSession } from '../session/session-gate.tsx';
import { alertFacts, AttackLinks, Facts } from './facts.tsx';
import { Pickers } from './pickers.tsx';
import type { AlertActions } from './use-alert-actions.ts';
import { useAlert } from './use-alerts.ts';

const useStyles = makeStyles({
  pane: {
    width: '400px',
    maxWidth: '100vw',
    boxSizing: 'border-box',
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    display: 'grid',
    gridTemplateRows: 'auto minmax(0, 1fr) auto',
    minHeight: 0,
    boxShadow: tokens.shadow8,
    '@media (max-width: 900px)': { position: 'absolute', top: 0, right: 0, bottom: 0, zIndex: 3 },
  },
  header: { display: 'flex', alignItems: 'flex-start', gap: '8px', padding: '16px 12px 8px 20px' },
  title: { flexGrow: 1, paddingTop: '4px', overflowWrap: 'anywhere' },
  content: { overflowY: 'auto', padding: '4px 20px 20px', display: 'grid', gap: '18px', alignContent: 'start' },
  message: { margin: 0, lineHeight: tokens.lineHeightBase400 },
  seen: {
    display: 'grid',
    gap: '4px',
    padding: '12px 14px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  label: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  gap: { marginTop: '6px' },
  footer: { display: 'flex', gap: '8px', padding: '12px 20px', borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
});

export function AlertPane({
  id,
  actions,
  onClose,
  onLearn,
}: {
  id: string;
  actions: AlertActions;
  onClose: () => void;
  onLearn: (alert: AlertRow) => void;
}) {
  const styles = useStyles();
  const session = useSession();
  const navigate = useNavigate();
  const { data: alert, error } = useAlert(id);
  return (
    <aside className={styles.pane} aria-label="Alert details">
      <div className={styles.header}>
        <Subtitle2 as="h2" className={styles.title}>
          {alert?.title ?? ''}
        </Subtitle2>
        <Button appearance="subtle" icon={<Dismiss20Regular />} aria-label="Close the details" onClick={onClose} />
      </div>
      <div className={styles.content} tabIndex={0} role="region" aria-label="Facts of the alert">
        {error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{error.message}</MessageBarBody>
          </MessageBar>
        )}
        {!alert && !error && <Spinner label="Loading" />}
        {alert && (
          <>
            <Pickers alert={alert} actions={actions} />
            <p className={styles.message}>{alert.message}</p>
            <div className={styles.seen}>
              <Text className={styles.label}>Expected</Text>
              <Text>{alert.expected || '–'}</Text>
              <Text className={`${styles.label} ${styles.gap}`}>Seen</Text>
              <Text>{alert.seen || '–'}</Text>
            </div>
            <Facts facts={[...alertFacts(alert), ['Tactics', <AttackLinks key="tactics" kind="tactics" entries={alert.tactics} />]]} />
          </>
        )}
      </div>
      <div className={styles.footer}>
        <Button
          appearance="primary"
          onClick={() => void navigate(`/alerts/${encodeURIComponent(id)}`, { state: { grid: window.location.search } })}
        >
          View full details
        </Button>
        {alert?.learnable && alert.disposition === 'none' && session.may('alerts.learn') && (
          <Button icon={<HatGraduation20Regular />} onClick={() => onLearn(alert)}>
            Learn
          </Button>
        )}
      </div>
    </aside>
  );
}
