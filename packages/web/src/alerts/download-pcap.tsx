/** The packets of an alert as a file, for roles that may have them. */
import { Button } from '@fluentui/react-components';
import { ArrowDownload20Regular } from '@fluentui/react-icons/svg/arrow-download';
import type { AlertDetails } from '../api/alerts.ts';
import { useSession } from '../session/session-gate.tsx';

export function DownloadPcap({ alert }: { alert: AlertDetails }) {
  const session = useSession();
  if (!session.may('alerts.pcap') || alert.pcap.state !== 'available') return null;
  return (
    <Button
      as="a"
      icon={<ArrowDownload20Regular />}
      href={`/api/alerts/${encodeURIComponent(alert.id)}/pcap`}
      download={`alert-${alert.id}.pcapng`}
    >
      Download PCAP
    </Button>
  );
}
