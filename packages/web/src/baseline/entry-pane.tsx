/** One entry of the baseline: what it allows, who brought it in, and from which alert. */
import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import type { BaselineEntry } from '../api/baseline.ts';
import { DetailsPane } from '../grid/details-pane.tsx';

const useStyles = makeStyles({
  line: {
    margin: 0,
    padding: '10px 12px',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: 'anywhere',
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

export function learnedBy({ by }: BaselineEntry): string {
  return by ?? 'The sensor, while learning';
}

export function EntryPane({
  entry,
  onUnlearn,
  onClose,
}: {
  entry: BaselineEntry;
  /** Null where the reader may not. */
  onUnlearn: (() => void) | null;
  onClose: () => void;
}) {
  const styles = useStyles();
  const navigate = useNavigate();
  const { alert, learned, at } = entry;
  return (
    <DetailsPane
      label="Entry details"
      contentLabel="Facts of the entry"
      title={entry.aspect}
      onClose={onClose}
      footer={
        <>
          {onUnlearn && (
            <Button appearance="primary" onClick={onUnlearn}>
              Unlearn
            </Button>
          )}
          {alert !== null && <Button onClick={() => void navigate(`/alerts/${encodeURIComponent(alert)}`)}>Show the alert</Button>}
        </>
      }
    >
      <p className={styles.line}>{entry.line}</p>
      <Facts
        facts={[
          ['Source', entry.source],
          ['Destination', entry.destination || '–'],
          ['What is normal', entry.value || '–'],
          ['Learned by', learnedBy(entry)],
          ['Learned', learned === null ? '–' : <DetectionTime key="learned" at={learned} />],
          ['Decided', at === null ? '' : <DetectionTime key="at" at={at} />],
          ['From the alert', alert ?? ''],
        ]}
      />
    </DetailsPane>
  );
}
