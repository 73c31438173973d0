/** The grants of a user: a role, where it holds, and whether it includes packets; one line each. */
import { Button, Field, Input, makeStyles, Select, Text, tokens } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { type Grant, fetchRoles } from '../api/accounts.ts';
import { fetchStatus } from '../api/alerts.ts';

const useStyles = makeStyles({
  list: { display: 'grid', gap: '12px' },
  grant: {
    display: 'grid',
    gridTemplateColumns: 'minmax(150px, 1fr) minmax(150px, 1fr) auto',
    gap: '8px',
    padding: '10px 12px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  input: { minWidth: 0, width: '100%' },
  remove: { gridRow: '1', gridColumn: '3', alignSelf: 'center' },
  add: { justifySelf: 'start' },
});

const PACKETS = [
  ['role', 'As the role says'],
  ['yes', 'Yes'],
  ['no', 'No'],
] as const;

export function GrantsField({ grants, onChange }: { grants: readonly Grant[]; onChange: (grants: readonly Grant[]) => void }) {
  const styles = useStyles();
  const sites = useId();
  const roles = useQuery({ queryKey: ['roles'], queryFn: fetchRoles, staleTime: Number.POSITIVE_INFINITY });
  const status = useQuery({ queryKey: ['status'], queryFn: fetchStatus });
  const sensors = status.data?.sensors ?? [];
  const known = roles.data?.roles ?? [];
  const [lowest] = known;
  const put = (index: number, change: Partial<Grant>) =>
    onChange(grants.map((grant, at) => (at === index ? { ...grant, ...change } : grant)));
  return (
    <div className={styles.list} role="group" aria-label="Grants">
      <datalist id={sites}>
        {[...new Set(sensors.map(({ site }) => site))].map((site) => (
          <option key={site} value={site} />
        ))}
      </datalist>
      {grants.map((grant, index) => (
        // Grants have no names of their own: their place is what they are.
        <div key={index} className={styles.grant} role="group" aria-label={`Grant ${index + 1}`}>
          <Field label="Role" size="small">
            <Select className={styles.input} value={grant.role} onChange={(_, data) => put(index, { role: data.value })}>
              {known.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          </Field>
          <Field label="Packets of alerts" size="small">
            <Select
              className={styles.input}
              value={grant.packets === null ? 'role' : grant.packets ? 'yes' : 'no'}
              onChange={(_, data) => put(index, { packets: data.value === 'role' ? null : data.value === 'yes' })}
            >
              {PACKETS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Site" size="small">
            <Input
              className={styles.input}
              placeholder="Everything"
              value={grant.site ?? ''}
              input={{ list: sites }}
              onChange={(_, { value }) => put(index, value === '' ? { site: null, zone: null } : { site: value })}
            />
          </Field>
          <Field label="Zone" size="small">
            <Input
              className={styles.input}
              placeholder="All zones"
              disabled={grant.site === null}
              value={grant.zone ?? ''}
              input={{ list: `${sites}-${index}` }}
              onChange={(_, { value }) => put(index, { zone: value === '' ? null : value })}
            />
          </Field>
          <datalist id={`${sites}-${index}`}>
            {[...new Set(sensors.filter(({ site }) => site === grant.site).map(({ zone }) => zone))].map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
          <Button
            className={styles.remove}
            appearance="subtle"
            icon={<Delete20Regular />}
            aria-label={`Remove grant ${index + 1}`}
            disabled={grants.length === 1}
            onClick={() => onChange(grants.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      {roles.error && <Text>{roles.error.message}</Text>}
      <Button
        className={styles.add}
        size="small"
        icon={<Add20Regular />}
        disabled={!lowest}
        onClick={() => lowest && onChange([...grants, { role: lowest.name, site: null, zone: null, packets: null }])}
      >
        Add a grant
      </Button>
    </div>
  );
}
