/** The device map: devices by Purdue level, what they exchange, and what people do from there; as a picture or as a list. */
import {
  Link,
  makeStyles,
  Menu,
  MenuButton,
  MenuItem,
  MenuItemCheckbox,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Select,
  Tab,
  TabList,
  ToolbarButton,
  ToolbarDivider,
} from '@fluentui/react-components';
import { AppsListDetail20Regular } from '@fluentui/react-icons/svg/apps-list-detail';
import { GroupList20Regular } from '@fluentui/react-icons/svg/group-list';
import { Organization20Regular } from '@fluentui/react-icons/svg/organization';
import { ZoomFit20Regular } from '@fluentui/react-icons/svg/zoom-fit';
import { ZoomIn20Regular } from '@fluentui/react-icons/svg/zoom-in';
import { ZoomOut20Regular } from '@fluentui/react-icons/svg/zoom-out';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import { DeviceFilters } from '../devices/device-filters.tsx';
import { DevicePane } from '../devices/device-pane.tsx';
import { devicesText, useDeviceActions } from '../devices/use-device-actions.ts';
import { filterText } from '../grid/column-filter.ts';
import { ListPage } from '../grid/list-page.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useAddress } from '../grid/use-address.ts';
import { useListAddress } from '../grid/use-list-address.ts';
import { type Arrangement, arrange, type Scene } from './layout.ts';
import { MapCanvas, type MapHandle } from './map-canvas.tsx';
import { Legend, Pill } from './map-legend.tsx';
import { MapList } from './map-list.tsx';
import { MapContextMenu, type MapDeed, MapMenuItems } from './map-menu.tsx';
import { ASKED, questionOf, withoutMapOnly } from './map-question.ts';
import { keptWith, type Moved, movedIn, movedOn, withMoved } from './moved.ts';
import { useSession } from '../session/session-gate.tsx';
import { usePreference } from '../shell/preferences.ts';
import { useDeviceGraph, useHighlight } from './use-device-graph.ts';
import { useMapDeeds } from './use-map-deeds.ts';

const GroupsPane = lazy(() => import('./groups-pane.tsx'));
const MapDialog = lazy(() => import('./map-dialog.tsx'));

const useStyles = makeStyles({
  views: { marginLeft: 'auto' },
});

const SEEN: readonly (readonly [minutes: string, label: string])[] = [
  ['', 'Last seen: any time'],
  ['5', 'Last seen: 5 minutes'],
  ['60', 'Last seen: 1 hour'],
  ['360', 'Last seen: 6 hours'],
  ['1440', 'Last seen: 1 day'],
  ['10080', 'Last seen: 7 days'],
];
const ZOOM_STEP = 1.3;
/** Name of the preference. */
const MOVES = 'map.moves';

export function Page() {
  const styles = useStyles();
  const address = useListAddress('name');
  const [params, setParams] = useAddress();
  const [now, setNow] = useState(Date.now);
  const handle = useRef<MapHandle>(null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  /** The collapsed network that is selected, by the id of its block. */
  const [network, setNetwork] = useState<string | null>(null);
  const [menu, setMenu] = useState<{ readonly x: number; readonly y: number } | null>(null);
  const [showsGroups, setShowsGroups] = useState(false);

  const isList = params.get('view') === 'list';
  const arrangement: Arrangement = params.get('arrange') === 'connection' ? 'connection' : 'purdue';
  const collapse = params.get('it') !== 'expanded';
  const showMulticast = params.get('multicast') === 'show';
  const highlight = params.get('highlight');
  const query = questionOf(params, now);
  const { data: graph, error, isLoading, dataUpdatedAt, refetch } = useDeviceGraph(query);
  const highlighted = useHighlight(highlight);
  const arranged = useMemo(
    () => (graph ? arrange(graph, { arrangement, collapse, opened }) : null),
    [graph, arrangement, collapse, opened],
  );
  const [kept, keep] = usePreference(MOVES);
  const moved = useMemo(() => movedIn(kept, arrangement), [kept, arrangement]);
  const session = useSession();
  const [drag, setDrag] = useState<Moved | null>(null);
  const scene = useMemo(() => arranged && withMoved(arranged, drag ?? moved), [arranged, drag, moved]);
  const onDrag = (place: number, dx: number, dy: number, isDone: boolean) => {
    const number = scene?.items[place]?.node?.number;
    if (number === undefined) return;
    // One of several that are selected takes the others along.
    const next = movedOn(moved, selected.has(number) ? selected : [number], dx, dy);
    setDrag(isDone ? null : next);
    if (!isDone) return;
    keep(keptWith(kept, arrangement, next));
    const fresh = [...(selected.has(number) ? selected : [number])].filter((one) => graph?.nodes.get(one)?.isNew);
    if (fresh.length > 0 && session.may('devices.edit')) void actions.acknowledge(fresh);
  };
  const set = (changes: Readonly<Record<string, string | null>>) =>
    setParams(
      (current) => {
        const next = new URLSearchParams(current);
        for (const [key, value] of Object.entries(changes)) {
          if (value === null) next.delete(key);
          else next.set(key, value);
        }
        return next;
      },
      { replace: true },
    );

  const actions = useDeviceActions();
  const deeds = useMapDeeds({
    selected: [...selected],
    actions,
    onOpen: (number) => address.setOpen(String(number)),
    onNeighbours: (number) =>
      set({ filter: filterText({ column: 'number', operator: 'equals', values: [String(number)] }), neighbours: 'yes' }),
    onNetwork: (isOpened) => {
      if (network === null) return;
      const next = new Set(opened);
      if (isOpened) next.add(network);
      else next.delete(network);
      setOpened(next);
      setNetwork(null);
    },
  });

  const select = (place: number | null, more: boolean) => {
    const item = place === null ? undefined : scene?.items[place];
    const block = item && scene ? blockOf(scene, item.node?.number, item.network?.id) : undefined;
    setNetwork(block?.canCollapse ? block.id : null);
    if (!item) {
      if (!more) setSelected(new Set());
      return;
    }
    const numbers = item.node ? [item.node.number] : (item.network?.nodes ?? []).map(({ number }) => number);
    const next = new Set(more ? selected : []);
    const isOut = more && numbers.every((number) => selected.has(number));
    for (const number of numbers) {
      if (isOut) next.delete(number);
      else next.add(number);
    }
    setSelected(next);
  };
  const placesOf = (numbers: ReadonlySet<number> | null): ReadonlySet<number> | null =>
    numbers && scene ? new Set([...numbers].flatMap((number) => scene.placeOf.get(number) ?? [])) : null;
  const selectedPlaces = useMemo(() => placesOf(selected) ?? new Set<number>(), [selected, scene]);
  const highlightedPlaces = useMemo(() => placesOf(highlighted), [highlighted, scene]);
  const chosenNetwork = network === null ? undefined : scene?.blocks.find(({ id }) => id === network);
  const menuItems = {
    count: selected.size,
    network: chosenNetwork ? (chosenNetwork.isCollapsed ? ('collapsed' as const) : ('opened' as const)) : null,
    onDo: (deed: MapDeed) => {
      setMenu(null);
      if (deed === 'fit') handle.current?.fit();
      else if (deed === 'expand-all' || deed === 'collapse-all') {
        setOpened(new Set());
        set({ it: deed === 'expand-all' ? 'expanded' : null });
      } else deeds.run(deed);
    },
  };
  const open = address.open === null ? null : Number(address.open);
  const shown = graph?.nodes.size ?? 0;
  const total = graph?.total ?? 0;

  return (
    <ListPage
      title="Device map"
      updated={dataUpdatedAt}
      counts={`${shown < total ? `The ${shown.toLocaleString('en')} devices that were active last of ${total.toLocaleString('en')}` : devicesText(shown)}, ${linksText(graph?.links.size ?? 0)}`}
      csv={`/api/devices.csv?${withoutMapOnly(query)}`}
      isLoading={isLoading}
      isEmpty={graph !== undefined && graph.nodes.size === 0}
      error={error}
      emptyText="No devices seen yet"
      onClear={
        ASKED.some((key) => params.has(key)) || params.has('seen')
          ? () => set(Object.fromEntries([...ASKED, 'seen', 'neighbours', 'shown'].map((key) => [key, null])))
          : null
      }
      onRefresh={() => {
        setNow(Date.now());
        void refetch();
      }}
      actions={
        <>
          <ToolbarButton icon={<GroupList20Regular />} aria-pressed={showsGroups} onClick={() => setShowsGroups(!showsGroups)}>
            Groups
          </ToolbarButton>
          <Menu
            checkedValues={{
              arrange: [arrangement],
              show: [...(showMulticast ? ['multicast'] : []), ...(collapse ? ['collapse'] : [])],
            }}
            onCheckedValueChange={(_, { name, checkedItems }) =>
              name === 'arrange'
                ? set({ arrange: checkedItems[0] === 'connection' ? 'connection' : null })
                : set({
                    multicast: checkedItems.includes('multicast') ? 'show' : null,
                    it: checkedItems.includes('collapse') ? null : 'expanded',
                  })
            }
          >
            <MenuTrigger disableButtonEnhancement>
              <ToolbarButton icon={<Organization20Regular />}>Layout</ToolbarButton>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                <MenuItemRadio name="arrange" value="purdue">
                  Layout by Purdue
                </MenuItemRadio>
                <MenuItemRadio name="arrange" value="connection">
                  Layout by connection
                </MenuItemRadio>
                <MenuItemCheckbox name="show" value="collapse">
                  Collapse IT networks
                </MenuItemCheckbox>
                <MenuItemCheckbox name="show" value="multicast">
                  Multicast and broadcast
                </MenuItemCheckbox>
                <MenuItem disabled={moved.size === 0} onClick={() => keep(keptWith(kept, arrangement, new Map()))}>
                  Put devices back
                </MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <MenuButton appearance="subtle" icon={<AppsListDetail20Regular />} disabled={selected.size === 0}>
                Actions
              </MenuButton>
            </MenuTrigger>
            <MenuPopover>
              <MapMenuItems {...menuItems} />
            </MenuPopover>
          </Menu>
          {!isList && (
            <>
              <ToolbarDivider />
              <ToolbarButton
                icon={<ZoomIn20Regular />}
                aria-label="Zoom in"
                title="Zoom in (+)"
                onClick={() => handle.current?.zoom(ZOOM_STEP)}
              />
              <ToolbarButton
                icon={<ZoomOut20Regular />}
                aria-label="Zoom out"
                title="Zoom out (-)"
                onClick={() => handle.current?.zoom(1 / ZOOM_STEP)}
              />
              <ToolbarButton icon={<ZoomFit20Regular />} title="Fit to screen (0)" onClick={() => handle.current?.fit()}>
                Fit to screen
              </ToolbarButton>
              <ToolbarButton disabled={selected.size === 0} onClick={() => handle.current?.fitSelection()}>
                Fit to selection
              </ToolbarButton>
            </>
          )}
          <TabList
            className={styles.views}
            size="small"
            selectedValue={isList ? 'list' : 'map'}
            aria-label="Map or list"
            onTabSelect={(_, { value }) => set({ view: value === 'list' ? 'list' : null })}
          >
            <Tab value="map">Map</Tab>
            <Tab value="list">List</Tab>
          </TabList>
        </>
      }
      filters={
        <>
          <SearchField
            label="Search by name, IP or MAC address"
            value={address.search}
            onSearch={(text) => set({ search: text === '' ? null : text, neighbours: text === '' ? null : 'yes' })}
          />
          <Select aria-label="Last seen" value={params.get('seen') ?? ''} onChange={(_, { value }) => set({ seen: value || null })}>
            {SEEN.map(([minutes, label]) => (
              <option key={minutes} value={minutes}>
                {label}
              </option>
            ))}
          </Select>
          <DeviceFilters
            query={withoutMapOnly(query)}
            filters={address.chosen('filter')}
            onChange={(filters) => address.set('filter', filters)}
          />
          {(params.has('link') || params.has('group')) && (
            <Pill text={`Filter: ${params.get('shown') ?? 'a group'}`} onRemove={() => set({ link: null, group: null, shown: null })} />
          )}
          {highlight !== null && (
            <Pill text={`Highlight: ${params.get('lit') ?? 'a group'}`} onRemove={() => set({ highlight: null, lit: null })} />
          )}
        </>
      }
      aside={
        <>
          {selected.size > 0 && (
            <>
              <span>{`${selected.size.toLocaleString('en')} selected`}</span>
              {selected.size === 1 && (
                <Link as="button" onClick={() => deeds.run('properties')}>
                  View properties
                </Link>
              )}
            </>
          )}
          {highlighted !== null && (
            <span>{`${[...highlighted].filter((number) => graph?.nodes.has(number)).length.toLocaleString('en')} highlighted`}</span>
          )}
          {!isList && <Legend />}
        </>
      }
      pane={
        <Suspense>
          {open !== null ? (
            <DevicePane key={open} number={open} device={undefined} actions={actions} onClose={() => address.setOpen(null)} />
          ) : (
            showsGroups && (
              <GroupsPane
                highlighted={highlight}
                onHighlight={(group) => set({ highlight: group?.query ?? null, lit: group?.name ?? null })}
                onFilter={({ name, query: text }) => {
                  const asked = new URLSearchParams(text);
                  if (asked.has('filter')) address.set('filter', asked.getAll('filter'));
                  else set({ link: asked.get('link'), group: asked.get('group'), shown: name });
                }}
                onClose={() => setShowsGroups(false)}
              />
            )
          )}
          {deeds.dialog && <MapDialog dialog={deeds.dialog} devices={deeds.devices} actions={actions} onClose={deeds.close} />}
          {menu && <MapContextMenu at={menu} onClose={() => setMenu(null)} {...menuItems} />}
        </Suspense>
      }
    >
      {graph && scene && isList ? (
        <MapList
          graph={graph}
          selected={selected}
          highlighted={highlighted}
          sort={address.sort}
          openId={address.open}
          onSort={address.toggleSort}
          onSelect={setSelected}
          onOpen={address.setOpen}
        />
      ) : (
        scene && (
          <MapCanvas
            ref={handle}
            scene={scene}
            selected={selectedPlaces}
            highlighted={highlightedPlaces}
            showMulticast={showMulticast}
            onSelect={select}
            onOpen={(place) => {
              const item = scene.items[place];
              if (item?.node) address.setOpen(String(item.node.number));
              else if (item?.network) setOpened(new Set([...opened, item.network.id]));
            }}
            onDrag={onDrag}
            onMenu={(_, x, y) => setMenu({ x, y })}
          />
        )
      )}
    </ListPage>
  );
}

function linksText(count: number): string {
  return count === 1 ? '1 connection' : `${count.toLocaleString('en')} connections`;
}

function blockOf(scene: Scene, number: number | undefined, id: string | undefined) {
  return scene.blocks.find((block) => block.id === id || (number !== undefined && block.nodes.some((node) => node.number === number)));
}
