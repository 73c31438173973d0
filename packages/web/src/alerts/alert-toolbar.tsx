/** What can be done with the marked alerts, and with the grid. */
import {
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Text,
  Toolbar,
  ToolbarButton,
  ToolbarDivider,
  Tooltip,
} from '@fluentui/react-components';
import { ArrowDownload20Regular } from '@fluentui/react-icons/svg/arrow-download';
import { ArrowSync20Regular } from '@fluentui/react-icons/svg/arrow-sync';
import { ColumnEdit20Regular } from '@fluentui/react-icons/svg/column-edit';
import { Flag20Regular } from '@fluentui/react-icons/svg/flag';
import { HatGraduation20Regular } from '@fluentui/react-icons/svg/hat-graduation';
import { Keyboard20Regular } from '@fluentui/react-icons/svg/keyboard';
import { MoreHorizontal20Regular } from '@fluentui/react-icons/svg/more-horizontal';
import { Status20Regular } from '@fluentui/react-icons/svg/status';
import { useState } from 'react';
import { SEVERITIES, STATUSES } from '../api/alerts.ts';
import type { AlertAction } from '../api/jobs.ts';
import { useSession } from '../session/session-gate.tsx';
import { Explained } from '../words/meanings.tsx';
import { ANSWER_MEANINGS, SEVERITY_MEANINGS, STATUS_MEANINGS } from '../words/word-help.ts';
import { alerts } from './action-words.ts';
import { SeverityMark } from './severity-mark.tsx';
import { StatusMark } from './status-mark.tsx';
import type { Selection } from './use-selection.ts';
import { ViewsMenu } from './views-menu.tsx';

/** Where the key `e` goes. */
export const EXPORT_ID = 'alert-export';

const useStyles = makeStyles({
  bar: { padding: '0 14px', flexWrap: 'wrap' },
  export: { display: 'grid', gap: '12px', maxWidth: '280px' },
  confirm: { display: 'flex', justifyContent: 'flex-end', gap: '8px' },
  grow: { flexGrow: 1 },
});

export interface AlertToolbarProps {
  readonly selection: Selection;
  readonly matching: number;
  /** The question of the grid, for the export. */
  readonly query: URLSearchParams;
  /** What the address of the page holds, for views. */
  readonly address: string;
  onRefresh(): void;
  onEditColumns(): void;
  onAct(action: AlertAction): void;
  onOpenView(address: string): void;
  onHelp(): void;
}

export function AlertToolbar({
  selection,
  matching,
  query,
  address,
  onRefresh,
  onEditColumns,
  onAct,
  onOpenView,
  onHelp,
}: AlertToolbarProps) {
  const styles = useStyles();
  const session = useSession();
  const none = selection.count === 0;
  const some = (test: (alert: Selection['rows'][number]) => boolean) => selection.everything || selection.rows.some(test);
  const canLearn = !none && some((alert) => alert.learnable && alert.disposition !== 'learned');
  const more = [
    ['unlearn', 'Unlearn', some((alert) => alert.disposition === 'learned')],
    ['mute', 'Mute', some((alert) => alert.disposition !== 'muted' && !alert.learnable)],
    ['unmute', 'Unmute', some((alert) => alert.disposition === 'muted')],
  ] as const;
  return (
    <Toolbar className={styles.bar} aria-label="Alert actions" size="medium">
      <ToolbarButton icon={<ArrowSync20Regular />} onClick={onRefresh}>
        Refresh
      </ToolbarButton>
      <ToolbarButton icon={<ColumnEdit20Regular />} onClick={onEditColumns}>
        Edit columns
      </ToolbarButton>
      <ToolbarDivider />
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <ToolbarButton icon={<Status20Regular />} disabled={none || !session.may('alerts.status')}>
            Change status
          </ToolbarButton>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {STATUSES.map((status) => (
              <Explained key={status} meaning={STATUS_MEANINGS[status]}>
                <MenuItem onClick={() => onAct({ kind: 'status', status })}>
                  <StatusMark alert={{ status, disposition: 'none' }} />
                </MenuItem>
              </Explained>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <ToolbarButton icon={<Flag20Regular />} disabled={none || !session.may('alerts.severity')}>
            Change severity
          </ToolbarButton>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {SEVERITIES.map((severity) => (
              <Explained key={severity} meaning={SEVERITY_MEANINGS[severity]}>
                <MenuItem onClick={() => onAct({ kind: 'severity', severity })}>
                  <SeverityMark severity={severity} />
                </MenuItem>
              </Explained>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <Explained meaning={ANSWER_MEANINGS.learn}>
        <ToolbarButton
          icon={<HatGraduation20Regular />}
          disabled={!canLearn || !session.may('alerts.learn')}
          onClick={() => onAct({ kind: 'learn' })}
        >
          Learn
        </ToolbarButton>
      </Explained>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <ToolbarButton icon={<MoreHorizontal20Regular />} aria-label="More actions" disabled={none} />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {more.map(([kind, label, makesSense]) => (
              <Explained key={kind} meaning={ANSWER_MEANINGS[kind]}>
                <MenuItem disabled={!makesSense || !session.may(`alerts.${kind}`)} onClick={() => onAct({ kind })}>
                  {label}
                </MenuItem>
              </Explained>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <ToolbarDivider />
      <Export matching={matching} query={query} />
      <ViewsMenu address={address} onOpen={onOpenView} />
      <div className={styles.grow} />
      <Tooltip content="Keys (?)" relationship="label">
        <ToolbarButton icon={<Keyboard20Regular />} onClick={onHelp} />
      </Tooltip>
    </Toolbar>
  );
}

function Export({ matching, query }: { matching: number; query: URLSearchParams }) {
  const styles = useStyles();
  const session = useSession();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>
        <ToolbarButton id={EXPORT_ID} icon={<ArrowDownload20Regular />} disabled={matching === 0 || !session.may('alerts.export')}>
          Export
        </ToolbarButton>
      </PopoverTrigger>
      <PopoverSurface aria-label="Export">
        <div className={styles.export}>
          <Text>Export {alerts(matching)} that match the filters, with every column, as CSV.</Text>
          <div className={styles.confirm}>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button as="a" appearance="primary" href={`/api/alerts.csv?${query}`} download="alerts.csv" onClick={() => setOpen(false)}>
              Confirm
            </Button>
          </div>
        </div>
      </PopoverSurface>
    </Popover>
  );
}
