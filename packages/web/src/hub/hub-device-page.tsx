/** One device of the IoT hub, or one of its modules: facts and keys, twin, messages, methods, modules. */
import { Button, makeStyles, Spinner, Tab, TabList, Title3, tokens, Toolbar, ToolbarButton } from '@fluentui/react-components';
import { ArrowLeft20Regular } from '@fluentui/react-icons/svg/arrow-left';
import { ArrowSync20Regular } from '@fluentui/react-icons/svg/arrow-sync';
import { CheckmarkCircle20Regular } from '@fluentui/react-icons/svg/checkmark-circle';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { Prohibited20Regular } from '@fluentui/react-icons/svg/prohibited';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { fetchIdentity, type HubName, pageOf, setStatus } from '../api/hub.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { DeviceOverview } from './device-overview.tsx';
import { DisableDialog } from './disable-dialog.tsx';
import { LiveMessages } from './live-messages.tsx';
import { ConnectionMark, StatusMark } from './marks.tsx';
import { MethodForm } from './method-form.tsx';
import { ModuleList } from './module-list.tsx';
import { SendMessage } from './send-message.tsx';
import { TwinEditor } from './twin-editor.tsx';
import { Trouble } from '../shell/trouble.tsx';

const LOOK_AGAIN = 15_000;

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1160px', padding: '12px 24px 40px', boxSizing: 'border-box' },
  back: { marginLeft: '-10px', fontWeight: tokens.fontWeightRegular },
  header: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px 20px', padding: '6px 0 4px' },
  title: { overflowWrap: 'anywhere' },
  kind: { color: tokens.colorNeutralForeground3 },
  toolbar: { padding: 0, marginLeft: '-10px', flexWrap: 'wrap' },
  tabs: { marginLeft: '-10px', marginBottom: '16px' },
});

const TABS = [
  ['overview', 'Overview'],
  ['twin', 'Twin'],
  ['messages', 'Live messages'],
  ['send', 'Send message'],
  ['method', 'Invoke method'],
  ['modules', 'Modules'],
] as const;
/** What only devices have. */
const OF_DEVICES: ReadonlySet<string> = new Set(['send', 'modules']);

export function Page() {
  const styles = useStyles();
  const { device = '', module = null } = useParams();
  const name: HubName = { device, module };
  const navigate = useNavigate();
  const location = useLocation();
  const queries = useQueryClient();
  const session = useSession();
  const notice = useNotice();
  const [params, setParams] = useSearchParams();
  const [asking, setAsking] = useState<'delete' | 'disable' | null>(null);
  const identity = useQuery({
    queryKey: ['hub', 'identity', device, module],
    queryFn: () => fetchIdentity(name),
    refetchInterval: LOOK_AGAIN,
  });
  const title = module ?? device;
  useEffect(() => {
    document.title = `${title} · IoT hub · Annunciator`;
  }, [title]);
  const tabs = TABS.filter(([value]) => module === null || !OF_DEVICES.has(value));
  const tab = tabs.find(([value]) => value === params.get('tab'))?.[0] ?? 'overview';
  const grid = typeof location.state === 'object' && location.state !== null && 'grid' in location.state ? String(location.state.grid) : '';
  const above = module === null ? `/hub/devices${grid}` : `${pageOf({ device, module: null })}?tab=modules`;
  const { data, error } = identity;
  const mayEdit = session.may('hub.edit');
  const enable = () => {
    if (!data) return;
    setStatus(device, 'enabled', null, data.etag).then(
      () => {
        notice({ intent: 'success', text: `${device} is enabled.` });
        void queries.invalidateQueries({ queryKey: ['hub'] });
      },
      (problem: unknown) => notice({ intent: 'error', text: problem instanceof Error ? problem.message : String(problem) }),
    );
  };
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Button
          appearance="transparent"
          size="small"
          icon={<ArrowLeft20Regular />}
          className={styles.back}
          onClick={() => void navigate(above)}
        >
          {module === null ? 'IoT hub devices' : device}
        </Button>
        <Trouble error={error} />
        {!data && !error && <Spinner label="Loading" />}
        {data && (
          <>
            <div className={styles.header}>
              <Title3 as="h1" className={styles.title}>
                {title}
              </Title3>
              {module !== null && <span className={styles.kind}>Module</span>}
              <ConnectionMark connected={data.connected} />
              {module === null && <StatusMark status={data.status} />}
            </div>
            <Toolbar className={styles.toolbar} aria-label={`Actions on ${title}`} size="medium">
              <ToolbarButton icon={<ArrowSync20Regular />} onClick={() => void queries.invalidateQueries({ queryKey: ['hub'] })}>
                Refresh
              </ToolbarButton>
              {module === null && mayEdit && data.status === 'enabled' && (
                <ToolbarButton icon={<Prohibited20Regular />} onClick={() => setAsking('disable')}>
                  Disable
                </ToolbarButton>
              )}
              {module === null && mayEdit && data.status === 'disabled' && (
                <ToolbarButton icon={<CheckmarkCircle20Regular />} onClick={enable}>
                  Enable
                </ToolbarButton>
              )}
              {mayEdit && (
                <ToolbarButton icon={<Delete20Regular />} onClick={() => setAsking('delete')}>
                  Delete
                </ToolbarButton>
              )}
            </Toolbar>
            <TabList
              className={styles.tabs}
              selectedValue={tab}
              onTabSelect={(_, chosen) => setParams({ tab: String(chosen.value) }, { replace: true, state: location.state })}
            >
              {tabs.map(([value, label]) => (
                <Tab key={value} value={value} id={`tab-${value}`}>
                  {label}
                </Tab>
              ))}
            </TabList>
            <div role="tabpanel" aria-labelledby={`tab-${tab}`}>
              {tab === 'overview' && <DeviceOverview name={name} identity={data} />}
              {tab === 'twin' && <TwinEditor key={`${device}/${module}`} name={name} />}
              {tab === 'messages' && <LiveMessages device={device} module={module} />}
              {tab === 'send' && <SendMessage device={device} identity={data} />}
              {tab === 'method' && <MethodForm name={name} connected={data.connected} />}
              {tab === 'modules' && <ModuleList device={device} />}
            </div>
          </>
        )}
      </div>
      {asking === 'delete' && (
        <DeleteDialog
          name={name}
          onClose={() => setAsking(null)}
          onDeleted={() => {
            // This page is about to go: what it shows must not be asked for again.
            void navigate(above);
            for (const stale of ['devices', 'modules', 'facts']) void queries.invalidateQueries({ queryKey: ['hub', stale] });
          }}
        />
      )}
      {asking === 'disable' && data && <DisableDialog identity={data} onClose={() => setAsking(null)} />}
    </div>
  );
}
