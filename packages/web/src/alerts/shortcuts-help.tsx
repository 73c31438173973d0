/** The keys of the Alerts page, on a press of ?. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Switch,
  tokens,
} from '@fluentui/react-components';

const useStyles = makeStyles({
  keys: {
    display: 'grid',
    gridTemplateColumns: 'max-content minmax(0, 1fr)',
    columnGap: '20px',
    rowGap: '8px',
    margin: '4px 0 12px',
    alignItems: 'center',
  },
  groups: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(230px, 1fr))', columnGap: '32px' },
  heading: { fontSize: tokens.fontSizeBase300, margin: '8px 0' },
  does: { margin: 0 },
  key: {
    display: 'inline-block',
    minWidth: '22px',
    padding: '1px 6px',
    boxSizing: 'border-box',
    textAlign: 'center',
    borderRadius: tokens.borderRadiusMedium,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
  },
  sequence: { margin: '0 4px', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

/** Keys that are pressed one after the other are joined by a space. */
const GROUPS: readonly (readonly [title: string, keys: readonly (readonly [keys: readonly string[], does: string])[]])[] = [
  [
    'Move',
    [
      [['j', '↓'], 'next alert'],
      [['k', '↑'], 'previous alert'],
      [['Enter'], 'details; once more, full details'],
      [['Escape'], 'close the details, then unmark'],
      [['/'], 'search'],
      [['f'], 'add a filter'],
      [['r'], 'refresh, load new alerts'],
    ],
  ],
  [
    'Mark',
    [
      [['Space'], 'mark or unmark'],
      [['Shift', 'and ↓ ↑'], 'mark a range'],
      [['Ctrl A'], 'mark all that are loaded'],
    ],
  ],
  [
    'Answer the marked ones, else the open one',
    [
      [['n'], 'New'],
      [['a'], 'Active'],
      [['c'], 'Closed'],
      [['l'], 'learn'],
      [['p'], 'download the packets of the open one'],
      [['e'], 'export'],
    ],
  ],
  [
    'Go to',
    [
      [['g a'], 'Alerts'],
      [['g d'], 'Device inventory'],
      [['g m'], 'Device map'],
      [['g t'], 'Event timeline'],
      [['g w'], 'Workbooks'],
      [['g o'], 'Overview'],
      [['?'], 'these keys'],
    ],
  ],
];

export interface ShortcutsHelpProps {
  readonly enabled: boolean;
  onEnabled(enabled: boolean): void;
  onClose(): void;
}

export default function ShortcutsHelp({ enabled, onEnabled, onClose }: ShortcutsHelpProps) {
  const styles = useStyles();
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface style={{ maxWidth: '760px' }}>
        <DialogBody>
          <DialogTitle>Keys</DialogTitle>
          <DialogContent>
            <Switch label="Letters are keys" checked={enabled} onChange={(_, data) => onEnabled(data.checked)} />
            <div className={styles.groups}>
              {GROUPS.map(([title, keys]) => (
                <section key={title}>
                  <h3 className={styles.heading}>{title}</h3>
                  <dl className={styles.keys}>
                    {keys.map(([names, does]) => (
                      <Line key={does} names={names} does={does} />
                    ))}
                  </dl>
                </section>
              ))}
            </div>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              Close
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Line({ names, does }: { names: readonly string[]; does: string }) {
  const styles = useStyles();
  return (
    <>
      <dt>
        {names.map((name, at) => (
          <span key={name}>
            {at > 0 && <span className={styles.sequence}>{name.startsWith('and') ? '' : 'or'}</span>}
            {name.split(' ').map((key, part) => (
              <span key={key}>
                {part > 0 && ' '}
                {key === 'and' ? <span className={styles.sequence}>and</span> : <kbd className={styles.key}>{key}</kbd>}
              </span>
            ))}
          </span>
        ))}
      </dt>
      <dd className={styles.does}>{does}</dd>
    </>
  );
}
