/** Users and roles: who there is, what they may do where, and whether they are signed in. */
import { ToolbarButton } from '@fluentui/react-components';
import { PersonAdd20Regular } from '@fluentui/react-icons/svg/person-add';
import { TableSimple20Regular } from '@fluentui/react-icons/svg/table-simple';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { fetchUsers, grantText, type User } from '../api/accounts.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { useSession } from '../session/session-gate.tsx';
import { RolesDialog } from './roles-dialog.tsx';
import { UserDialog } from './user-dialog.tsx';
import { UserPane } from './user-pane.tsx';
import { STATES, stateOf } from './user-state.ts';

const COLUMNS: readonly RecordColumn<User>[] = [
  { id: 'name', label: 'Name', minimum: 180, grows: 1, cell: ({ name }) => name, isTitle: true },
  { id: 'role', label: 'Role', minimum: 300, grows: 2, cell: ({ grants }) => grants.map(grantText).join('; ') },
  { id: 'state', label: 'State', minimum: 150, cell: stateOf },
  { id: 'factor', label: 'Authenticator app', minimum: 140, cell: ({ secondFactor }) => (secondFactor ? 'On' : 'Off') },
  { id: 'passkeys', label: 'Passkeys', minimum: 90, cell: ({ passkeys }) => passkeys.toLocaleString('en') },
  { id: 'sessions', label: 'Sessions', minimum: 90, cell: ({ sessions }) => sessions.toLocaleString('en') },
  {
    id: 'lastSignIn',
    label: 'Last sign-in',
    minimum: 170,
    cell: ({ lastSignIn }) => (lastSignIn ? <DetectionTime at={lastSignIn} /> : 'Never'),
  },
];

export function Page() {
  const address = useListAddress('name');
  const session = useSession();
  const [asked, setAsked] = useState<'user' | 'roles' | null>(null);
  const users = useQuery({ queryKey: ['users'], queryFn: fetchUsers });
  const all = users.data ?? [];
  const roles = [...new Set(all.flatMap(({ grants }) => grants.map(({ role }) => role)))].sort();
  const chosenRoles = address.chosen('role');
  const chosenStates = address.chosen('state');
  const search = address.search.toLowerCase();
  const shown = all
    .filter((user) => `${user.name} ${user.grants.map(grantText).join(' ')}`.toLowerCase().includes(search))
    .filter(({ grants }) => chosenRoles.length === 0 || grants.some(({ role }) => chosenRoles.includes(role)))
    .filter((user) => chosenStates.length === 0 || chosenStates.includes(stateOf(user)))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { sensitivity: 'base' }));
  const open = all.find(({ id }) => id === address.open);
  const counted = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'user' : 'users'}`;
  return (
    <>
      <ListPage
        title="Users and roles"
        updated={users.dataUpdatedAt}
        counts={shown.length === all.length ? counted(all.length) : `${shown.length} of ${counted(all.length)}`}
        isLoading={users.isLoading}
        isEmpty={shown.length === 0}
        error={users.error}
        emptyText="There are no users"
        onClear={address.hasFilters ? address.clear : null}
        onRefresh={() => void users.refetch()}
        actions={
          <>
            {session.may('users.edit') && (
              <ToolbarButton icon={<PersonAdd20Regular />} onClick={() => setAsked('user')}>
                Add user
              </ToolbarButton>
            )}
            <ToolbarButton icon={<TableSimple20Regular />} onClick={() => setAsked('roles')}>
              What roles may do
            </ToolbarButton>
          </>
        }
        filters={
          <>
            <SearchField
              label="Search users"
              value={address.search}
              onSearch={(text) => address.set('search', text === '' ? [] : [text])}
            />
            <ChoiceFilter
              label="Role"
              choices={roles.map((value) => ({
                value,
                count: all.filter(({ grants }) => grants.some(({ role }) => role === value)).length,
              }))}
              chosen={chosenRoles}
              onChange={(chosen) => address.set('role', chosen)}
            />
            <ChoiceFilter
              label="State"
              choices={STATES.map((value) => ({ value, count: all.filter((user) => stateOf(user) === value).length }))}
              chosen={chosenStates}
              onChange={(chosen) => address.set('state', chosen)}
            />
          </>
        }
        pane={open && <UserPane key={open.id} user={open} onClose={() => address.setOpen(null)} />}
      >
        <RecordGrid
          label="Users"
          rows={shown}
          columns={COLUMNS}
          sort={null}
          isOld={false}
          openId={address.open}
          idOf={({ id }) => id}
          onSort={address.toggleSort}
          onOpen={address.setOpen}
        />
      </ListPage>
      {asked === 'user' && <UserDialog onClose={() => setAsked(null)} />}
      {asked === 'roles' && <RolesDialog onClose={() => setAsked(null)} />}
    </>
  );
}
