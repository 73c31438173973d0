/** The rows of an aggregated alert: what differed between violations of the same kind. */
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowDownload20Regular } from '@fluentui/react-icons/svg/arrow-download';
import { useState } from 'react';
import type { AlertDetails } from '../../api/alerts.ts';
import { useSession } from '../../session/session-gate.tsx';
import { DetectionTime } from '../detection-time.tsx';
import { deviceLabel } from '../device-name.tsx';

const FIRST_ROWS = 10;

const useStyles = makeStyles({
  frame: { overflowX: 'auto', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge },
  table: { borderCollapse: 'collapse', width: '100%', fontVariantNumeric: 'tabular-nums' },
  head: {
    textAlign: 'left',
    padding: '10px 14px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    whiteSpace: 'nowrap',
  },
  cell: { padding: '9px 14px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, verticalAlign: 'top' },
  nowrap: { whiteSpace: 'nowrap' },
  parameter: { display: 'inline-block', marginRight: '14px' },
  name: { color: tokens.colorNeutralForeground3 },
  export: { marginTop: '8px', marginRight: '8px' },
  note: { display: 'block', padding: '12px 2px', color: tokens.colorNeutralForeground3 },
});

export function Violations({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const session = useSession();
  const [all, setAll] = useState(false);
  const rows = all ? alert.violations : alert.violations.slice(0, FIRST_ROWS);
  return (
    <>
      <div className={styles.frame} role="region" aria-label="Violations" tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {['First detection', 'Last detection', 'Source device', 'Destination device', 'Parameters', 'Detections'].map((name) => (
                <th key={name} scope="col" className={styles.head}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.firstTime}/${JSON.stringify(row.parameters)}`}>
                <td className={`${styles.cell} ${styles.nowrap}`}>
                  <DetectionTime at={row.firstTime} />
                </td>
                <td className={`${styles.cell} ${styles.nowrap}`}>
                  <DetectionTime at={row.lastTime} />
                </td>
                <td className={styles.cell}>{deviceLabel(row.source)}</td>
                <td className={styles.cell}>{deviceLabel(row.destination)}</td>
                <td className={styles.cell}>
                  {Object.entries(row.parameters).map(([name, value]) => (
                    <span key={name} className={styles.parameter}>
                      <span className={styles.name}>{name}</span> {String(value)}
                    </span>
                  ))}
                </td>
                <td className={styles.cell}>{row.count.toLocaleString('en')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {session.may('alerts.export') && (
        <Button
          as="a"
          appearance="subtle"
          icon={<ArrowDownload20Regular />}
          href={`/api/alerts/${encodeURIComponent(alert.id)}/violations.csv`}
          download="violations.csv"
          className={styles.export}
        >
          Export all
        </Button>
      )}
      {alert.violations.length > FIRST_ROWS && !all && (
        <Button appearance="subtle" onClick={() => setAll(true)}>
          Show all {alert.violations.length}
        </Button>
      )}
      {alert.violationsDropped > 0 && (
        <Text className={styles.note}>{alert.violationsDropped.toLocaleString('en')} more were counted but not kept one by one.</Text>
      )}
    </>
  );
}
