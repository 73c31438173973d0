/** Status and severity of one alert, to see and to change. */
import { Button, makeStyles, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, tokens } from '@fluentui/react-components';
import { ChevronDown16Regular } from '@fluentui/react-icons/svg/chevron-down';
import type { ReactNode } from 'react';
import { type AlertRow, SEVERITIES, STATUSES } from '../api/alerts.ts';
import { useSession } from '../session/session-gate.tsx';
import { Explained } from '../words/meanings.tsx';
import { type Meanings, SEVERITY_MEANINGS, STATUS_MEANINGS } from '../words/word-help.ts';
import { SeverityMark } from './severity-mark.tsx';
import { StatusMark } from './status-mark.tsx';
import type { AlertActions } from './use-alert-actions.ts';

const useStyles = makeStyles({
  pickers: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
  picker: { minWidth: '132px', justifyContent: 'space-between', fontWeight: tokens.fontWeightRegular },
});

export function Pickers({ alert, actions }: { alert: AlertRow; actions: AlertActions }) {
  const styles = useStyles();
  return (
    <div className={styles.pickers}>
      <Picker
        label="Severity"
        permission="alerts.severity"
        value={alert.severity}
        values={SEVERITIES}
        meanings={SEVERITY_MEANINGS}
        shown={(severity) => <SeverityMark severity={severity} />}
        onPick={(severity) => void actions.act({ kind: 'severity', severity }, { rows: [alert] })}
      />
      <Picker
        label="Status"
        permission="alerts.status"
        value={alert.status}
        values={STATUSES}
        meanings={STATUS_MEANINGS}
        shown={(status) => <StatusMark alert={{ status, disposition: status === alert.status ? alert.disposition : 'none' }} />}
        onPick={(status) => void actions.act({ kind: 'status', status }, { rows: [alert] })}
      />
    </div>
  );
}

interface PickerProps<Value extends string> {
  readonly label: string;
  readonly permission: string;
  readonly value: Value;
  readonly values: readonly Value[];
  readonly meanings: Meanings;
  shown(value: Value): ReactNode;
  onPick(value: Value): void;
}

function Picker<Value extends string>({ label, permission, value, values, meanings, shown, onPick }: PickerProps<Value>) {
  const styles = useStyles();
  const session = useSession();
  return (
    <Menu checkedValues={{ [label]: [value] }}>
      <MenuTrigger disableButtonEnhancement>
        <Button
          className={styles.picker}
          icon={<ChevronDown16Regular />}
          iconPosition="after"
          disabled={!session.may(permission)}
          aria-label={`${label}: ${value}`}
        >
          {shown(value)}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {values.map((other) => (
            <Explained key={other} meaning={meanings[other]}>
              <MenuItemRadio name={label} value={other} onClick={() => other !== value && onPick(other)}>
                {shown(other)}
              </MenuItemRadio>
            </Explained>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
