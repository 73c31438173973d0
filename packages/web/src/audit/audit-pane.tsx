/** One entry of the audit log: everything it says, with what was before beside what is now. */
import { makeStyles, Subtitle2, tokens } from '@fluentui/react-components';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts, Mono } from '../alerts/facts.tsx';
import type { AuditEntry } from '../api/accounts.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { actionWords } from './action-words.ts';
import { changesOf } from './changes.ts';

const useStyles = makeStyles({
  changes: { display: 'grid', gap: '8px' },
  table: { borderCollapse: 'collapse', width: '100%', tableLayout: 'fixed' },
  head: { textAlign: 'left', padding: '4px 8px 4px 0', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground3 },
  cell: {
    padding: '6px 8px 6px 0',
    verticalAlign: 'top',
    textAlign: 'left',
    fontWeight: tokens.fontWeightRegular,
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    overflowWrap: 'anywhere',
  },
  line: { display: 'block' },
});

export function AuditPane({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const styles = useStyles();
  const { before, after, on, address, details } = entry;
  const changes = changesOf(entry);
  return (
    <DetailsPane label="Entry details" contentLabel="Facts of the entry" title={actionWords(entry.action)} onClose={onClose}>
      <Facts
        facts={[
          ['Who', entry.who],
          ['Time', <DetectionTime key="at" at={entry.at} />],
          ['From', address ?? '–'],
          ['Action', <Mono key="action">{entry.action}</Mono>],
          ...Object.entries(details).map(([name, value]) => [name, String(value ?? '–')] as const),
          [
            'On',
            on.length === 0
              ? '–'
              : on.map((id) => (
                  <span key={id} className={styles.line}>
                    <Mono>{id}</Mono>
                  </span>
                )),
          ],
          ['Number', entry.number.toLocaleString('en')],
        ]}
      />
      {changes.length > 0 && (
        <div className={styles.changes}>
          <Subtitle2 as="h3">{before && after ? 'Changed' : after ? 'Added' : 'Removed'}</Subtitle2>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col" className={styles.head}>
                  Field
                </th>
                {before && (
                  <th scope="col" className={styles.head}>
                    Before
                  </th>
                )}
                {after && (
                  <th scope="col" className={styles.head}>
                    After
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <tr key={change.field}>
                  <th scope="row" className={styles.cell}>
                    {change.field}
                  </th>
                  {before && <td className={styles.cell}>{change.before ?? '–'}</td>}
                  {after && <td className={styles.cell}>{change.after ?? '–'}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </DetailsPane>
  );
}
