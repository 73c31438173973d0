/** Security groups: their devices, open alerts and rules; names that were probably mistyped; a mark to choose each. */
import { Badge, Checkbox, Link, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { Warning16Filled } from '@fluentui/react-icons/svg/warning';
import { useHref } from 'react-router';
import { PORTAL_SEVERITIES } from '../../api/alerts.ts';
import type { SecurityGroup } from '../../api/hub-security.ts';
import { useTableStyles } from '../table-styles.ts';

const useStyles = makeStyles({
  wide: { overflowX: 'auto' },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  chosen: { backgroundColor: tokens.colorBrandBackground2 },
  number: { fontVariantNumeric: 'tabular-nums' },
  counts: { display: 'flex', flexWrap: 'wrap', gap: '4px 10px' },
  faint: { color: tokens.colorNeutralForeground3 },
  note: { display: 'flex', alignItems: 'center', gap: '6px' },
  warning: { color: 'light-dark(#8a4b00, #ffb454)', flexShrink: 0 },
  mark: { width: '44px', paddingBlock: 0 },
});

export interface GroupTableProps {
  readonly groups: readonly SecurityGroup[];
  readonly chosen: ReadonlySet<string>;
  readonly unsaved: ReadonlySet<string>;
  onChoose(name: string, isChosen: boolean): void;
}

export function GroupTable({ groups, chosen, unsaved, onChoose }: GroupTableProps) {
  const styles = useStyles();
  const table = useTableStyles();
  return (
    <div className={styles.wide}>
      <table className={table.table} aria-label="Security groups">
        <thead>
          <tr>
            <th scope="col" className={table.head}>
              <span hidden>Choose</span>
            </th>
            {['Security group', 'Devices', 'Open alerts', 'Enabled alerts', 'Note'].map((title) => (
              <th key={title} scope="col" className={table.head}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => {
            const isChosen = chosen.has(group.name);
            return (
              <tr key={group.name} className={mergeClasses(isChosen && styles.chosen)}>
                <td className={mergeClasses(table.cell, styles.mark)}>
                  <Checkbox
                    checked={isChosen}
                    aria-label={`Choose the group ${group.name}`}
                    onChange={(_, data) => onChoose(group.name, data.checked === true)}
                  />
                </td>
                <td className={mergeClasses(table.cell, styles.name)}>
                  {group.name}{' '}
                  {unsaved.has(group.name) && (
                    <Badge appearance="tint" color="warning">
                      Unsaved
                    </Badge>
                  )}
                </td>
                <td className={mergeClasses(table.cell, styles.number)}>
                  <Devices group={group} />
                </td>
                <td className={table.cell}>
                  <OpenAlerts group={group} />
                </td>
                <td className={mergeClasses(table.cell, styles.number)}>
                  {group.rules.set === 0 ? <span className={styles.faint}>None</span> : `${group.rules.enabled} of ${group.rules.set}`}
                </td>
                <td className={table.cell}>
                  <Note group={group} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Devices({ group: { name, devices } }: { group: SecurityGroup }) {
  const styles = useStyles();
  const href = useHref(`/hub/devices?${new URLSearchParams({ group: name })}`);
  const disabled = devices.total - devices.enabled;
  if (devices.total === 0) return <span className={styles.faint}>0</span>;
  return (
    <>
      <Link href={href} aria-label={`${devices.total} devices of ${name}`}>
        {devices.total.toLocaleString('en')}
      </Link>
      {disabled > 0 && <span className={styles.faint}> · {disabled} disabled</span>}
    </>
  );
}

function OpenAlerts({ group: { name, openAlerts } }: { group: SecurityGroup }) {
  const styles = useStyles();
  const href = useHref(`/alerts?${new URLSearchParams({ range: 'all', filter: `securityGroup:equals:${encodeURIComponent(name)}` })}`);
  const shown = PORTAL_SEVERITIES.filter((severity) => openAlerts[severity] > 0);
  if (shown.length === 0) return <span className={styles.faint}>None</span>;
  return (
    <Link href={href} className={styles.counts} aria-label={`Open alerts of ${name}`}>
      {shown.map((severity) => (
        <span key={severity}>
          {openAlerts[severity].toLocaleString('en')} {severity}
        </span>
      ))}
    </Link>
  );
}

function Note({ group: { name, version, devices, meant } }: { group: SecurityGroup }) {
  const styles = useStyles();
  if (meant !== null)
    return (
      <span className={styles.note}>
        <Warning16Filled className={styles.warning} aria-hidden />
        <Text>
          No alerts apply to {name}. Is {meant} meant? Then correct the tag of {devices.total === 1 ? 'its device' : 'its devices'}.
        </Text>
      </span>
    );
  if (version === null && devices.total > 0) return <span className={styles.faint}>No custom alerts apply to these devices yet.</span>;
  return devices.total === 0 ? <span className={styles.faint}>No device has this tag.</span> : null;
}
