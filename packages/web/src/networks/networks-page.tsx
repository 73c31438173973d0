/** Networks and VLANs: where devices were seen, what people call them, and which are of the plant. */
import { Select, ToolbarButton } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { fetchNetworks, fetchVlans, type Network, type Vlan } from '../api/networks.ts';
import { filterText } from '../grid/column-filter.ts';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { NetworkPane, VlanPane } from './network-pane.tsx';

const NETWORK_COLUMNS: readonly RecordColumn<Network>[] = [
  { id: 'cidr', label: 'Network', minimum: 190, grows: 1, cell: ({ cidr }) => cidr, isTitle: true },
  { id: 'name', label: 'Name', minimum: 220, grows: 2, cell: ({ name }) => name },
  { id: 'ot', label: 'Counts as', minimum: 150, cell: ({ ot }) => (ot ? 'Plant (OT)' : 'Office (IT)') },
  { id: 'kind', label: 'Said by', minimum: 150, cell: ({ kind }) => (kind === 'auto' ? 'its traffic' : 'a person') },
  { id: 'devices', label: 'Devices', minimum: 110, cell: ({ devices }) => devices.toLocaleString('en') },
  { id: 'otDevices', label: 'That speak a plant protocol', minimum: 210, cell: ({ otDevices }) => otDevices.toLocaleString('en') },
];
const VLAN_COLUMNS: readonly RecordColumn<Vlan>[] = [
  { id: 'id', label: 'VLAN', minimum: 110, cell: ({ id }) => String(id), isTitle: true },
  { id: 'name', label: 'Name', minimum: 260, grows: 1, cell: ({ name }) => name },
  { id: 'devices', label: 'Devices', minimum: 120, cell: ({ devices }) => devices.toLocaleString('en') },
];
/** What is open when a network is added. */
const NEW = 'new';

export function Page() {
  const address = useListAddress('cidr');
  const session = useSession();
  const notice = useNotice();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayEdit = session.may('subnets.edit');
  const isVlans = address.chosen('of')[0] === 'vlans';
  const networks = useQuery({ queryKey: ['networks'], queryFn: fetchNetworks });
  const vlans = useQuery({ queryKey: ['networks', 'vlans'], queryFn: fetchVlans });
  const asked = isVlans ? vlans : networks;
  const search = address.search.toLowerCase();
  const fits = (...texts: readonly string[]): boolean => texts.join(' ').toLowerCase().includes(search);
  const shownNetworks = (networks.data ?? []).filter(({ cidr, name }) => fits(cidr, name));
  const shownVlans = (vlans.data ?? []).filter(({ id, name }) => fits(String(id), name));
  const count = isVlans ? shownVlans.length : shownNetworks.length;
  const close = () => address.setOpen(null);
  const change = async (work: Promise<void>, done: string) => {
    try {
      await work;
      close();
      notice({ intent: 'success', text: done });
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
    }
    for (const key of ['networks', 'devices', 'device', 'map', 'device-groups']) void queries.invalidateQueries({ queryKey: [key] });
  };
  const pane = { mayEdit, onClose: close, onChange: (work: Promise<void>, done: string) => void change(work, done) };
  const network = shownNetworks.find(({ cidr }) => cidr === address.open);
  const vlan = shownVlans.find(({ id }) => String(id) === address.open);
  const showDevices = (column: string, value: string) =>
    void navigate(`/devices?${new URLSearchParams({ filter: filterText({ column, operator: 'equals', values: [value] }) })}`);
  const words = isVlans ? (count === 1 ? 'VLAN' : 'VLANs') : count === 1 ? 'network' : 'networks';
  return (
    <ListPage
      title="Networks"
      updated={asked.dataUpdatedAt}
      counts={`${count.toLocaleString('en')} ${words}`}
      isLoading={asked.isLoading}
      isEmpty={count === 0}
      error={asked.error}
      emptyText={isVlans ? 'No tagged traffic seen yet' : 'No networks seen yet'}
      onClear={address.search === '' ? null : () => address.set('search', [])}
      onRefresh={() => void asked.refetch()}
      actions={
        <>
          {mayEdit && !isVlans && (
            <ToolbarButton icon={<Add20Regular />} onClick={() => address.setOpen(NEW)}>
              Add network
            </ToolbarButton>
          )}
          {network && <ToolbarButton onClick={() => showDevices('subnet', network.cidr)}>Show its devices</ToolbarButton>}
          {vlan && isVlans && <ToolbarButton onClick={() => showDevices('vlan', String(vlan.id))}>Show its devices</ToolbarButton>}
        </>
      }
      filters={
        <>
          <SearchField
            label="Search networks"
            value={address.search}
            onSearch={(text) => address.set('search', text === '' ? [] : [text])}
          />
          <Select
            aria-label="What is listed"
            value={isVlans ? 'vlans' : ''}
            onChange={(_, { value }) => address.set('of', value === '' ? [] : [value])}
          >
            <option value="">Networks</option>
            <option value="vlans">VLANs</option>
          </Select>
        </>
      }
      pane={
        isVlans ? (
          vlan && <VlanPane key={vlan.id} vlan={vlan} {...pane} />
        ) : network || (address.open === NEW && mayEdit) ? (
          <NetworkPane key={address.open} network={network ?? null} {...pane} />
        ) : null
      }
    >
      {isVlans ? (
        <RecordGrid
          label="VLANs"
          rows={shownVlans}
          columns={VLAN_COLUMNS}
          sort={null}
          isOld={false}
          openId={address.open}
          idOf={({ id }) => String(id)}
          onSort={() => undefined}
          onOpen={address.setOpen}
        />
      ) : (
        <RecordGrid
          label="Networks"
          rows={shownNetworks}
          columns={NETWORK_COLUMNS}
          sort={null}
          isOld={false}
          openId={address.open}
          idOf={({ cidr }) => cidr}
          onSort={() => undefined}
          onOpen={address.setOpen}
        />
      )}
    </ListPage>
  );
}
