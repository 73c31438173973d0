/** The packets of an alert as a file, or why there is none, for roles that may have them. */
import { Button, Tooltip } from '@fluentui/react-components';
import { ArrowDownload20Regular } from '@fluentui/react-icons/svg/arrow-download';
import type { AlertDetails } from '../api/alerts.ts';
import { useSession } from '../session/session-gate.tsx';

const STATES: Readonly<Record<AlertDetails['pcap']['state'], string>> = {
  available: 'Download PCAP',
  requested: 'PCAP requested from the sensor…',
  missing: 'PCAP not captured',
  expired: 'PCAP expired',
};

export function DownloadPcap({ alert }: { alert: AlertDetails }) {
  const session = useSession();
  if (!session.may('alerts.pcap')) return null;
  if (alert.pcap.state === 'available') {
    return (
      <Button
        as="a"
        data-pcap
        icon={<ArrowDownload20Regular />}
        href={`/api/alerts/${encodeURIComponent(alert.id)}/pcap`}
        download={`alert-${alert.id}.pcapng`}
      >
        {STATES.available}
      </Button>
    );
  }
  return (
    <Tooltip content={alert.pcap.reason ?? 'No reason is known.'} relationship="description">
      <Button icon={<ArrowDownload20Regular />} disabledFocusable>
        {STATES[alert.pcap.state]}
      </Button>
    </Tooltip>
  );
}
