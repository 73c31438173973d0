/** One alert type: what it means, when it is raised and what to do about it. */
import { Button, makeStyles, Subtitle2 } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { AttackLinks, Facts } from '../alerts/facts.tsx';
import { isSensorConsole } from '../shell/console.ts';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { type AlertType, shownSeverity } from '../api/alert-types.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { useSession } from '../session/session-gate.tsx';
import { TypeExample } from './type-example.tsx';
import { TypeSwitch } from './type-switch.tsx';

const useStyles = makeStyles({
  text: { margin: 0 },
  steps: { margin: 0, paddingLeft: '20px', display: 'grid', gap: '6px' },
});

const TIERS: Readonly<Record<number, string>> = {
  1: '1: open specifications',
  2: '2: partly public specifications',
  3: '3: the protocol is closed',
};

export function thresholdText({ threshold }: AlertType): string {
  if (!threshold) return '';
  const { count, windowSeconds, metric } = threshold;
  return `${count.toLocaleString('en')} ${metric}${windowSeconds > 0 ? ` in ${windowSeconds.toLocaleString('en')} s` : ''}`;
}

export function TypePane({ type, onClose }: { type: AlertType; onClose: () => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const session = useSession();
  return (
    <DetailsPane
      label="Alert type details"
      contentLabel="Facts of the alert type"
      title={type.title}
      onClose={onClose}
      footer={
        <Button
          appearance="primary"
          onClick={() => void navigate(`/alerts?${new URLSearchParams({ filter: `type:equals:${encodeURIComponent(type.id)}` })}`)}
        >
          {`Show its alerts (${type.alerts.toLocaleString('en')})`}
        </Button>
      }
    >
      <p className={styles.text}>{type.description}</p>
      <TypeExample type={type.id} />
      {session.mayEverywhere('engines.edit') && type.detected && type.dataSource === undefined && <TypeSwitch type={type} />}
      <Facts
        facts={[
          ['Severity', <SeverityMark key="severity" severity={shownSeverity(type)} />],
          ['On the sensor', isSensorConsole ? '' : type.severity],
          ['Engine', type.engineName],
          ['Category', type.category],
          ['Detected', type.detected ? 'Yes' : 'Not yet: no detector makes it'],
          [type.detected ? 'Raised when' : 'Why not', type.trigger],
          ['State', type.on ? 'On' : 'Off'],
          ['By default', type.disabledByDefault ? 'Off' : 'On'],
          ['Raised for', type.otOnly ? 'OT devices and protocols' : 'All devices'],
          ['Learnable', type.learnable ? 'Yes' : 'No'],
          ['Threshold', thresholdText(type) || '–'],
          ['Protocols', type.protocols.join(', ') || '–'],
          ['Tier', TIERS[type.tier] ?? String(type.tier)],
          ['Tactics', <AttackLinks key="tactics" kind="tactics" entries={type.tactics} />],
          ['Techniques', <AttackLinks key="techniques" kind="techniques" entries={type.techniques} />],
          ['Id', type.id],
        ]}
      />
      <Subtitle2 as="h3">Remediation steps</Subtitle2>
      <ol className={styles.steps}>
        {type.remediation.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </DetailsPane>
  );
}
