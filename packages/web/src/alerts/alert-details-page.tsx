/** Everything about one alert. */
import { Button, makeStyles, MessageBar, MessageBarBody, Spinner, Tab, TabList, tokens, Title3 } from '@fluentui/react-components';
import { ArrowLeft20Regular } from '@fluentui/react-icons/svg/arrow-left';
import { useEffect, useState } from 'react';
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import type { AlertDetails, AlertRow } from '../api/alerts.ts';
import { useLiveAlerts } from '../api/live.ts';
import { alertFacts, AttackLinks, Facts, Mono } from './facts.tsx';
import { DetectionTime } from './detection-time.tsx';
import { DownloadPcap } from './download-pcap.tsx';
import { LearnDialog } from './learn-dialog.tsx';
import { Pickers } from './pickers.tsx';
import { TakeAction } from './take-action.tsx';
import { useAlertActions } from './use-alert-actions.ts';
import { useAlert, useRowUpdates } from './use-alerts.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { Violations } from './violations.tsx';

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1160px', padding: '12px 24px 40px', boxSizing: 'border-box' },
  back: { marginLeft: '-10px', fontWeight: tokens.fontWeightRegular },
  header: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '12px 24px', padding: '6px 0 10px' },
  title: { flexGrow: 1, overflowWrap: 'anywhere' },
  tabs: { marginLeft: '-10px', marginBottom: '16px' },
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))', gap: '16px', alignItems: 'start' },
  stack: { display: 'grid', gap: '16px' },
  card: {
    padding: '18px 20px 20px',
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  heading: { margin: '0 0 14px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  message: { margin: '0 0 8px', fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  description: { margin: 0, color: tokens.colorNeutralForeground3 },
  compare: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(160px, 1fr))', gap: '12px', marginTop: '16px' },
  side: {
    padding: '12px 14px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    display: 'grid',
    gap: '4px',
    alignContent: 'start',
  },
  seen: { backgroundColor: tokens.colorStatusWarningBackground1 },
  label: { fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground2 },
});

export function Page() {
  const styles = useStyles();
  const { id = '' } = useParams();
  const navigate = useNavigate();
  const location = useLocation();
  const [params, setParams] = useSearchParams();
  const [learning, setLearning] = useState<readonly AlertRow[]>([]);
  const { data: alert, error } = useAlert(id);
  const actions = useAlertActions();
  const updateRows = useRowUpdates();
  useLiveAlerts(
    (update) => updateRows(update.changed),
    () => undefined,
  );
  useEffect(() => {
    document.title = `${alert?.title ?? 'Alert'} · Annunciator`;
  }, [alert?.title]);

  const grid = typeof location.state === 'object' && location.state !== null && 'grid' in location.state ? String(location.state.grid) : '';
  const back = () => void navigate(`/alerts${grid}`);
  useShortcuts({ Escape: back });

  const hasViolations = (alert?.violations.length ?? 0) > 1;
  const asked = params.get('tab') ?? 'details';
  const tab = asked === 'violations' && !hasViolations ? 'details' : asked;
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Button appearance="transparent" size="small" icon={<ArrowLeft20Regular />} className={styles.back} onClick={back}>
          Alerts
        </Button>
        {error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{error.message}</MessageBarBody>
          </MessageBar>
        )}
        {!alert && !error && <Spinner label="Loading" />}
        {alert && (
          <>
            <div className={styles.header}>
              <Title3 as="h1" className={styles.title}>
                {alert.title}
              </Title3>
              <Pickers alert={alert} actions={actions} />
              <DownloadPcap alert={alert} />
            </div>
            <TabList
              className={styles.tabs}
              selectedValue={tab}
              onTabSelect={(_, data) => setParams({ tab: String(data.value) }, { replace: true, state: location.state })}
            >
              <Tab value="details" id="tab-details">
                Alert details
              </Tab>
              {hasViolations && (
                <Tab value="violations" id="tab-violations">
                  Violations ({alert.violations.length + alert.violationsDropped})
                </Tab>
              )}
              <Tab value="action" id="tab-action">
                Take action
              </Tab>
            </TabList>
            <div role="tabpanel" aria-labelledby={`tab-${tab}`}>
              {tab === 'details' && <Details alert={alert} />}
              {tab === 'violations' && <Violations alert={alert} />}
              {tab === 'action' && <TakeAction alert={alert} actions={actions} onLearn={() => setLearning([alert])} />}
            </div>
          </>
        )}
      </div>
      <LearnDialog selected={learning} onClose={() => setLearning([])} onLearn={(chosen) => void actions.learn(chosen)} />
    </div>
  );
}

const CLOSE_REASONS: Readonly<Record<string, string>> = {
  closed: 'by a person',
  learned: 'by learning it',
  muted: 'by muting it',
  quiet: 'the same traffic was not seen for 90 days',
  excluded: 'by an exclusion rule',
  resolved: 'what it reported has ended',
};
const SHOWN_FRAMES = 20;

function Details({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const frames = alert.frames.slice(0, SHOWN_FRAMES).join(', ');
  const parameters = Object.entries(alert.parameters);
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        <section className={styles.card} aria-labelledby="what">
          <h2 id="what" className={styles.heading}>
            What happened
          </h2>
          <p className={styles.message}>{alert.message}</p>
          {alert.description !== `${alert.title}.` && <p className={styles.description}>{alert.description}</p>}
          <div className={styles.compare}>
            <div className={styles.side}>
              <span className={styles.label}>Expected</span>
              <span>{alert.expected || '–'}</span>
            </div>
            <div className={`${styles.side} ${styles.seen}`}>
              <span className={styles.label}>Seen</span>
              <span>{alert.seen || '–'}</span>
            </div>
          </div>
        </section>
        <section className={styles.card} aria-labelledby="attack">
          <h2 id="attack" className={styles.heading}>
            MITRE ATT&amp;CK for ICS
          </h2>
          <Facts
            facts={[
              ['Tactics', <AttackLinks key="tactics" kind="tactics" entries={alert.tactics} />],
              ['Techniques', <AttackLinks key="techniques" kind="techniques" entries={alert.techniques} />],
            ]}
          />
        </section>
        <section className={styles.card} aria-labelledby="evidence">
          <h2 id="evidence" className={styles.heading}>
            Evidence
          </h2>
          <Facts
            facts={[
              ['Packets', alert.pcap.state === 'available' ? 'Captured' : (alert.pcap.reason ?? 'There are none, and no reason is known.')],
              [
                'Frames',
                frames === '' ? (
                  ''
                ) : (
                  <Mono key="frames">{alert.frames.length > SHOWN_FRAMES ? `${frames}, … (${alert.frames.length} in all)` : frames}</Mono>
                ),
              ],
              ...(hasRows(alert) ? [] : parameters.map(([name, value]) => [name, <Mono key={name}>{String(value)}</Mono>] as const)),
            ]}
          />
        </section>
      </div>
      <section className={styles.card} aria-labelledby="facts">
        <h2 id="facts" className={styles.heading}>
          Facts
        </h2>
        <Facts
          facts={[
            ...alertFacts(alert),
            ['Last activity', <DetectionTime key="activity" at={alert.lastActivity} />],
            ['Closed', alert.closeReason === null ? '' : (CLOSE_REASONS[alert.closeReason] ?? alert.closeReason)],
            ['Severity at the sensor', alert.sensorSeverity],
            ['Type', <Mono key="type">{alert.type}</Mono>],
            ['ID', <Mono key="id">{alert.id}</Mono>],
          ]}
        />
      </section>
    </div>
  );
}

function hasRows(alert: AlertDetails): boolean {
  return alert.violations.length > 1;
}
