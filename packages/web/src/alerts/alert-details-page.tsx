/** Everything about one alert. */
import { Button, makeStyles, MessageBar, MessageBarBody, Spinner, Tab, TabList, Title3, tokens } from '@fluentui/react-components';
import { ArrowLeft20Regular } from '@fluentui/react-icons/svg/arrow-left';
import { DocumentPdf20Regular } from '@fluentui/react-icons/svg/document-pdf';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import type { AlertDetails } from '../api/alerts.ts';
import type { Target } from '../api/jobs.ts';
import { useLive } from '../api/live.ts';
import { fetchComments } from '../api/portal.ts';
import { useSession } from '../session/session-gate.tsx';
import { DetectionTime } from './detection-time.tsx';
import { Card } from '../shell/card.tsx';
import { useColumnStyles } from './details/column-styles.ts';
import { RelatedAlerts, RelatedDevices } from './details/related.tsx';
import { Evidence, WhatHappened } from './details/why.tsx';
import { DownloadPcap } from './download-pcap.tsx';
import { alertFacts, AttackLinks, Facts, Mono } from './facts.tsx';
import { Pickers } from './pickers.tsx';
import { useAlertActions } from './use-alert-actions.ts';
import { useAlert, useRowUpdates } from './use-alerts.ts';
import { useShortcuts } from './use-shortcuts.ts';

// Each tab is loaded when it is opened.
const MapView = lazy(async () => ({ default: (await import('./details/map-view.tsx')).MapView }));
const DeviceEvents = lazy(async () => ({ default: (await import('./details/device-events.tsx')).DeviceEvents }));
const Violations = lazy(async () => ({ default: (await import('./details/violations.tsx')).Violations }));
const TakeAction = lazy(async () => ({ default: (await import('./details/take-action.tsx')).TakeAction }));
const Comments = lazy(async () => ({ default: (await import('./details/comments.tsx')).Comments }));
const LearnDialog = lazy(() => import('./learn-dialog.tsx'));

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1240px', padding: '12px 24px 40px', boxSizing: 'border-box' },
  back: { marginLeft: '-10px', fontWeight: tokens.fontWeightRegular },
  header: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '12px 24px', padding: '6px 0 8px' },
  title: { flexGrow: 1, overflowWrap: 'anywhere' },
  downloads: { display: 'flex', flexWrap: 'wrap', gap: '8px', marginBottom: '8px' },
  tabs: { marginLeft: '-10px', marginBottom: '16px', flexWrap: 'wrap' },
});

export function Page() {
  const styles = useStyles();
  const session = useSession();
  const { id = '' } = useParams();
  const navigate = useNavigate();
  const location = useLocation();
  const [params, setParams] = useSearchParams();
  const [learning, setLearning] = useState<Target | null>(null);
  const { data: alert, error } = useAlert(id);
  const { data: comments } = useQuery({ queryKey: ['comments', id], queryFn: () => fetchComments(id) });
  const actions = useAlertActions();
  const updateRows = useRowUpdates();
  useLive({ onAlerts: (update) => updateRows(update.changed) });
  useEffect(() => {
    document.title = `${alert?.title ?? 'Alert'} · Annunciator`;
  }, [alert?.title]);

  const grid = typeof location.state === 'object' && location.state !== null && 'grid' in location.state ? String(location.state.grid) : '';
  const back = () => void navigate(`/alerts${grid}`);
  const learn = () => alert && setLearning({ rows: [alert] });
  const setStatus = (status: AlertDetails['status']) => () => {
    if (alert && session.may('alerts.status')) void actions.act({ kind: 'status', status }, { rows: [alert] });
  };
  useShortcuts({
    Escape: back,
    n: setStatus('New'),
    a: setStatus('Active'),
    c: setStatus('Closed'),
    l: () => {
      if (alert?.learnable && session.may('alerts.learn')) learn();
    },
    p: () => document.querySelector<HTMLElement>('[data-pcap]')?.click(),
  });

  const violations = alert ? alert.violations.length + alert.violationsDropped : 0;
  const tabs = [
    ['details', 'Alert details'],
    ['map', 'Map view'],
    ...(session.may('timeline.view') ? [['events', 'Event timeline'] as const] : []),
    ...(violations > 1 ? [['violations', `Violations (${violations.toLocaleString('en')})`] as const] : []),
    ['action', 'Take action'],
    ['comments', comments && comments.length > 0 ? `Comments (${comments.length})` : 'Comments'],
  ] as const;
  const asked = params.get('tab') ?? 'details';
  const tab = tabs.some(([value]) => value === asked) ? asked : 'details';
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
            </div>
            <div className={styles.downloads}>
              <DownloadPcap alert={alert} />
              {session.may('alerts.export') && (
                <Button
                  as="a"
                  icon={<DocumentPdf20Regular />}
                  href={`/api/alerts/${encodeURIComponent(alert.id)}/report.pdf`}
                  download={`alert-${alert.id}.pdf`}
                >
                  Export to PDF
                </Button>
              )}
            </div>
            <TabList
              className={styles.tabs}
              selectedValue={tab}
              onTabSelect={(_, data) => setParams({ tab: String(data.value) }, { replace: true, state: location.state })}
            >
              {tabs.map(([value, label]) => (
                <Tab key={value} value={value} id={`tab-${value}`}>
                  {label}
                </Tab>
              ))}
            </TabList>
            <div role="tabpanel" aria-labelledby={`tab-${tab}`}>
              <Suspense fallback={<Spinner label="Loading" />}>
                {tab === 'details' && <Details alert={alert} />}
                {tab === 'map' && <MapView alert={alert} />}
                {tab === 'events' && <DeviceEvents alert={alert} />}
                {tab === 'violations' && <Violations alert={alert} />}
                {tab === 'action' && <TakeAction alert={alert} actions={actions} onLearn={learn} />}
                {tab === 'comments' && <Comments alert={alert} />}
              </Suspense>
            </div>
          </>
        )}
      </div>
      <Suspense>
        {learning && (
          <LearnDialog
            target={learning}
            onClose={() => setLearning(null)}
            onLearn={() => {
              void actions.act({ kind: 'learn' }, learning);
              setLearning(null);
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

const CLOSE_REASONS: Readonly<Record<string, string>> = {
  closed: 'by a person',
  learned: 'by learning it',
  muted: 'by muting it',
  quiet: 'the same traffic was not seen for long',
  excluded: 'by an exclusion rule',
  resolved: 'what it reported has ended',
};

function Details({ alert }: { alert: AlertDetails }) {
  const columns = useColumnStyles();
  return (
    <div className={columns.columns}>
      <div className={columns.stack}>
        <WhatHappened alert={alert} />
        <Evidence alert={alert} />
        <RelatedAlerts alert={alert} />
      </div>
      <div className={columns.stack}>
        <Card title="Facts">
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
        </Card>
        <RelatedDevices alert={alert} />
        <Card title="MITRE ATT&amp;CK for ICS">
          <Facts
            facts={[
              ['Tactics', <AttackLinks key="tactics" kind="tactics" entries={alert.tactics} />],
              ['Techniques', <AttackLinks key="techniques" kind="techniques" entries={alert.techniques} />],
            ]}
          />
        </Card>
      </div>
    </div>
  );
}
