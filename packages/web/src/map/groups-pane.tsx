/** The groups of the map: those that are there by themselves and those that people made, each to highlight or to filter by. */
import { Button, Input, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { Delete16Regular } from '@fluentui/react-icons/svg/delete';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchBuiltInGroups, fetchDeviceGroups, removeDeviceGroup } from '../api/devices.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { useNotice } from '../shell/notices.tsx';

const useStyles = makeStyles({
  part: { display: 'grid', gap: '2px' },
  heading: { margin: '0 0 4px', fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  row: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto auto auto', alignItems: 'center', gap: '6px', minHeight: '34px' },
  on: { backgroundColor: tokens.colorBrandBackground2 },
  name: { overflowWrap: 'anywhere' },
  count: { color: tokens.colorNeutralForeground3 },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
});

/** What a group means to the map: the parameters of its question. */
export interface ShownGroup {
  readonly name: string;
  /** Such as `filter=...`, `link=...` or `group=3`. */
  readonly query: string;
}

export interface GroupsPaneProps {
  /** Query of the group that is highlighted. */
  readonly highlighted: string | null;
  onHighlight(group: ShownGroup | null): void;
  onFilter(group: ShownGroup): void;
  onClose(): void;
}

export default function GroupsPane({ highlighted, onHighlight, onFilter, onClose }: GroupsPaneProps) {
  const styles = useStyles();
  const queries = useQueryClient();
  const notice = useNotice();
  const [find, setFind] = useState('');
  const made = useQuery({ queryKey: ['device-groups'], queryFn: fetchDeviceGroups });
  const builtIn = useQuery({ queryKey: ['device-groups', 'built-in'], queryFn: fetchBuiltInGroups });
  const error = made.error ?? builtIn.error;
  const all = [
    ...(made.data ?? []).map(({ id, name, devices, mayEdit }) => ({
      kind: 'Groups that people made',
      name,
      count: devices,
      query: `group=${id}`,
      removable: mayEdit ? id : null,
    })),
    ...(builtIn.data ?? []).map(({ kind, name, count, of, query }) => ({
      kind,
      name,
      count,
      query: of === 'devices' ? query : new URLSearchParams({ link: query }).toString(),
      removable: null,
    })),
  ].filter(({ kind, name }) => `${kind} ${name}`.toLowerCase().includes(find.toLowerCase()));
  const remove = async (id: number, name: string) => {
    try {
      await removeDeviceGroup(id);
      notice({ intent: 'success', text: `The group ${name} was removed; its devices stay.` });
    } catch (refusal) {
      notice({ intent: 'error', text: refusal instanceof Error ? refusal.message : String(refusal) });
    }
    await queries.invalidateQueries({ queryKey: ['device-groups'] });
  };
  return (
    <DetailsPane label="Groups" contentLabel="Groups of devices" title="Groups" onClose={onClose}>
      <Input aria-label="Find a group" placeholder="Find a group" value={find} onChange={(_, data) => setFind(data.value)} />
      {error && <Text>{error.message}</Text>}
      {(made.isPending || builtIn.isPending) && <Spinner size="tiny" label="Loading" />}
      {[...Map.groupBy(all, ({ kind }) => kind)].map(([kind, groups]) => (
        <section key={kind} className={styles.part} aria-label={kind}>
          <h3 className={styles.heading}>{kind}</h3>
          <ul className={styles.list}>
            {groups.map(({ name, count, query, removable }) => (
              <li key={query} className={`${styles.row} ${highlighted === query ? styles.on : ''}`}>
                <span className={styles.name}>
                  {name} <span className={styles.count}>({count.toLocaleString('en')})</span>
                </span>
                <Button
                  size="small"
                  aria-pressed={highlighted === query}
                  aria-label={`Highlight ${name}`}
                  onClick={() => onHighlight(highlighted === query ? null : { name: `${kind}: ${name}`, query })}
                >
                  Highlight
                </Button>
                <Button size="small" aria-label={`Filter by ${name}`} onClick={() => onFilter({ name: `${kind}: ${name}`, query })}>
                  Filter
                </Button>
                {removable !== null ? (
                  <Button
                    size="small"
                    appearance="subtle"
                    icon={<Delete16Regular />}
                    aria-label={`Remove the group ${name}`}
                    onClick={() => void remove(removable, name)}
                  />
                ) : (
                  <span />
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </DetailsPane>
  );
}
