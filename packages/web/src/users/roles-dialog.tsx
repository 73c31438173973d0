/** What each role may do: the table by which the server decides. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  mergeClasses,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Checkmark16Filled } from '@fluentui/react-icons/svg/checkmark';
import { useQuery } from '@tanstack/react-query';
import { fetchRoles } from '../api/accounts.ts';

const useStyles = makeStyles({
  surface: { maxWidth: '960px', width: 'calc(100vw - 48px)', maxHeight: 'calc(100vh - 64px)' },
  table: { borderCollapse: 'collapse', width: '100%', fontSize: tokens.fontSizeBase200 },
  head: { position: 'sticky', top: 0, backgroundColor: tokens.colorNeutralBackground1, padding: '8px', textAlign: 'center' },
  left: { textAlign: 'left', paddingLeft: 0 },
  first: { textAlign: 'left', fontWeight: tokens.fontWeightRegular, paddingLeft: 0 },
  cell: { padding: '6px 8px', textAlign: 'center', borderTop: `1px solid ${tokens.colorNeutralStroke3}` },
  note: { display: 'block', marginBottom: '12px', color: tokens.colorNeutralForeground3 },
});

export function RolesDialog({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const { data, error } = useQuery({ queryKey: ['roles'], queryFn: fetchRoles, staleTime: Number.POSITIVE_INFINITY });
  return (
    <Dialog open onOpenChange={(_, change) => !change.open && onClose()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>What roles may do</DialogTitle>
          <DialogContent tabIndex={0} role="region" aria-label="Table of roles">
            <Text className={styles.note}>
              A role holds for everything, for a site or for a zone. What is marked with * concerns the whole system: it comes from a role
              for everything only.
            </Text>
            {error && <Text>{error.message}</Text>}
            {!data && !error && <Spinner label="Loading" />}
            {data && (
              <table className={styles.table}>
                <thead>
                  <tr>
                    <th scope="col" className={mergeClasses(styles.head, styles.left)}>
                      Action
                    </th>
                    {data.roles.map(({ name }) => (
                      <th key={name} scope="col" className={styles.head}>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.actions.map((action) => (
                    <tr key={action.name}>
                      <th scope="row" className={mergeClasses(styles.cell, styles.first)}>
                        {action.meaning}
                        {action.atPlace ? '' : ' *'}
                      </th>
                      {data.roles.map(({ name, actions }) => (
                        <td key={name} className={styles.cell}>
                          {actions.includes(action.name) ? <Checkmark16Filled aria-label="yes" /> : <span aria-label="no">–</span>}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Close</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
