/** Security of the IoT hub: custom alerts of its security groups, and whether it is protected. */
import { makeStyles, Spinner, Tab, TabList, Title3 } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { fetchHub } from '../../api/hub.ts';
import { HubOff } from '../hub-off.tsx';
import { CustomAlerts } from './custom-alerts.tsx';
import { NO_DRAFT } from './draft.ts';
import { ProtectionOff, ProtectionSettings, useHubSecurity } from './protection-settings.tsx';
import { useLeaveGuard } from './use-leave-guard.tsx';

const TITLE = 'Security of the IoT hub';

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1400px', padding: '14px 20px 40px', boxSizing: 'border-box', display: 'grid', gap: '12px' },
  tabs: { marginLeft: '-10px' },
});

export function Page() {
  const styles = useStyles();
  const [params, setParams] = useSearchParams();
  const [draft, setDraft] = useState(NO_DRAFT);
  const hub = useQuery({ queryKey: ['hub', 'facts'], queryFn: fetchHub });
  const security = useHubSecurity();
  const question = useLeaveGuard(draft.size > 0, 'Your changes of custom alerts are not saved. Leaving drops them.');
  useEffect(() => {
    document.title = `${TITLE} · Annunciator`;
  }, []);
  if (hub.isPending) return <Spinner style={{ height: '100%' }} label="Loading" />;
  if (hub.data && !hub.data.running) return <HubOff title={TITLE} why={hub.data.why} />;
  const tab = params.get('tab') === 'settings' ? 'settings' : 'custom-alerts';
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Title3 as="h1">{TITLE}</Title3>
        <TabList
          className={styles.tabs}
          selectedValue={tab}
          onTabSelect={(_, chosen) => setParams({ tab: String(chosen.value) }, { replace: true })}
        >
          <Tab value="custom-alerts" id="tab-custom-alerts">
            Custom alerts
          </Tab>
          <Tab value="settings" id="tab-settings">
            Settings
          </Tab>
        </TabList>
        <div role="tabpanel" aria-labelledby={`tab-${tab}`} style={{ display: 'grid', gap: 12 }}>
          {tab === 'custom-alerts' && <ProtectionOff security={security.data} />}
          {tab === 'custom-alerts' ? <CustomAlerts draft={draft} setDraft={setDraft} /> : <ProtectionSettings />}
        </div>
      </div>
      {question}
    </div>
  );
}
