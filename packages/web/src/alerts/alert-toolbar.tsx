/** What can be done with the selected alerts, and with the grid. */
import {
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuItemCheckbox,
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
} from '@fluentui/react-components';
import { ArrowDownload20Regular } from '@fluentui/react-icons/svg/arrow-download';
import { ArrowSync20Regular } from '@fluentui/react-icons/svg/arrow-sync';
import { ColumnEdit20Regular } from '@fluentui/react-icons/svg/column-edit';
import { Flag20Regular } from '@fluentui/react-icons/svg/flag';
import { HatGraduation20Regular } from '@fluentui/react-icons/svg/hat-graduation';
import { Status20Regular } from '@fluentui/react-icons/svg/status';
import { useState } from 'react';
import { SEVERITIES, type Severity, STATUSES, type Status } from '../api/alerts.ts';
import { useSession } from '../session/session-gate.tsx';
import { COLUMNS, DEFAULT_COLUMNS } from './columns.tsx';
import { SeverityMark } from './severity-mark.tsx';
import { StatusMark } from './status-mark.tsx';
import { alerts } from './use-alert-actions.ts';

const useStyles = makeStyles({
  bar: { padding: '0 14px', flexWrap: 'wrap' },
  export: { display: 'grid', gap: '12px', maxWidth: '280px' },
  confirm: { display: 'flex', justifyContent: 'flex-end', gap: '8px' },
  columns: { maxHeight: '60vh', overflowY: 'auto' },
});

export interface AlertToolbarProps {
  readonly selected: number;
  readonly learnable: number;
  readonly matching: number;
  readonly columns: readonly string[];
  /** The question of the grid, for the export. */
  readonly query: URLSearchParams;
  onRefresh(): void;
  onColumns(columns: readonly string[]): void;
  onStatus(status: Status): void;
  onSeverity(severity: Severity): void;
  onLearn(): void;
}

export function AlertToolbar(props: AlertToolbarProps) {
  const styles = useStyles();
  const session = useSession();
  const none = props.selected === 0;
  return (
    <Toolbar className={styles.bar} aria-label="Alert actions" size="medium">
      <ToolbarButton icon={<ArrowSync20Regular />} onClick={props.onRefresh}>
        Refresh
      </ToolbarButton>
      <EditColumns columns={props.columns} onColumns={props.onColumns} />
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
              <MenuItem key={status} onClick={() => props.onStatus(status)}>
                <StatusMark alert={{ status, disposition: 'none' }} />
              </MenuItem>
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
              <MenuItem key={severity} onClick={() => props.onSeverity(severity)}>
                <SeverityMark severity={severity} />
              </MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <ToolbarButton
        icon={<HatGraduation20Regular />}
        disabled={props.learnable === 0 || !session.may('alerts.learn')}
        onClick={props.onLearn}
      >
        Learn
      </ToolbarButton>
      <ToolbarDivider />
      <Export matching={props.matching} query={props.query} />
    </Toolbar>
  );
}

function EditColumns({ columns, onColumns }: { columns: readonly string[]; onColumns: (columns: readonly string[]) => void }) {
  const styles = useStyles();
  return (
    <Menu
      checkedValues={{ columns: [...columns] }}
      onCheckedValueChange={(_, data) => onColumns(COLUMNS.map((column) => column.id).filter((id) => data.checkedItems.includes(id)))}
    >
      <MenuTrigger disableButtonEnhancement>
        <ToolbarButton icon={<ColumnEdit20Regular />}>Edit columns</ToolbarButton>
      </MenuTrigger>
      <MenuPopover className={styles.columns}>
        <MenuList>
          {COLUMNS.map((column) => (
            // What an alert is called and how bad it is cannot be taken away.
            <MenuItemCheckbox key={column.id} name="columns" value={column.id} disabled={column.id === 'severity' || column.id === 'title'}>
              {column.label}
            </MenuItemCheckbox>
          ))}
          <MenuItem onClick={() => onColumns(DEFAULT_COLUMNS)}>Reset</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function Export({ matching, query }: { matching: number; query: URLSearchParams }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>
        <ToolbarButton icon={<ArrowDownload20Regular />} disabled={matching === 0}>
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
