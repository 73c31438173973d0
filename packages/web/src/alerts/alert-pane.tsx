/** The pane at the right of the grid: enough to decide what to do next. */
import { Button, makeStyles, MessageBar, MessageBarBody, Spinner, Text, tokens } from '@fluentui/react-components';
import { HatGraduation20Regular } from '@fluentui/react-icons/svg/hat-graduation';
import type { AlertRow } from '../api/alerts.ts';
import { useSession } from '../session/session-gate.tsx';
import { DetailsPane } from '../grid/details-pane.tsx';
import { DownloadPcap } from './download-pcap.tsx';
import { alertFacts, AttackLinks, Facts } from './facts.tsx';
import { Pickers } from './pickers.tsx';
import type { AlertActions } from './use-alert-actions.ts';
import { useAlert } from './use-alerts.ts';

const useStyles = makeStyles({
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
});

export function AlertPane({
  id,
  actions,
  onClose,
  onLearn,
  onFullDetails,
}: {
  id: string;
  actions: AlertActions;
  onClose: () => void;
  onLearn: (alert: AlertRow) => void;
  onFullDetails: (id: string) => void;
}) {
  const styles = useStyles();
  const session = useSession();
  const { data: alert, error } = useAlert(id);
  return (
    <DetailsPane
      label="Alert details"
      contentLabel="Facts of the alert"
      title={alert?.title ?? ''}
      onClose={onClose}
      footer={
        <>
          <Button appearance="primary" onClick={() => onFullDetails(id)}>
            View full details
          </Button>
          {alert?.learnable && alert.disposition === 'none' && session.may('alerts.learn') && (
            <Button icon={<HatGraduation20Regular />} onClick={() => onLearn(alert)}>
              Learn
            </Button>
          )}
          {alert && <DownloadPcap alert={alert} />}
        </>
      }
    >
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
    </DetailsPane>
  );
}
