/** What can be done with the devices that are selected on the map: the menu at the pointer, and the same in the toolbar. */
import { Menu, MenuDivider, MenuItem, MenuList, MenuPopover, type MenuProps } from '@fluentui/react-components';
import { useSession } from '../session/session-gate.tsx';

export type MapDeed =
  | 'properties'
  | 'details'
  | 'authorise'
  | 'unauthorise'
  | 'important'
  | 'unimportant'
  | 'alerts'
  | 'events'
  | 'neighbours'
  | 'group'
  | 'merge'
  | 'delete'
  | 'expand'
  | 'collapse'
  | 'fit'
  | 'expand-all'
  | 'collapse-all';

export interface MapMenuItemsProps {
  /** Devices that are selected. */
  readonly count: number;
  /** A network that is drawn as one, or could be. */
  readonly network: 'collapsed' | 'opened' | null;
  onDo(deed: MapDeed): void;
}

export function MapMenuItems({ count, network, onDo }: MapMenuItemsProps) {
  const session = useSession();
  const item = (deed: MapDeed, words: string, disabled = false) => (
    <MenuItem key={deed} disabled={disabled} onClick={() => onDo(deed)}>
      {words}
    </MenuItem>
  );
  const several = count !== 1;
  const none = count === 0;
  if (none && network === null)
    return (
      <MenuList>
        {item('fit', 'Fit to screen')}
        {item('expand-all', 'Expand all networks')}
        {item('collapse-all', 'Collapse all networks')}
      </MenuList>
    );
  return (
    <MenuList>
      {network === 'collapsed' && item('expand', 'Expand network')}
      {network === 'opened' && item('collapse', 'Collapse network')}
      {network !== null && <MenuDivider />}
      {item('properties', 'View properties', several)}
      {item('details', 'View full details', several)}
      {item('alerts', 'Show alerts', none)}
      {item('events', 'Show events', none)}
      {item('neighbours', 'Show it and its neighbours', several)}
      {session.may('devices.authorise') && [item('authorise', 'Authorize', none), item('unauthorise', 'Unauthorize', none)]}
      {session.may('devices.edit') && [
        item('important', 'Mark as important', none),
        item('unimportant', 'Mark as not important', none),
        item('group', 'Add to group…', none),
      ]}
      {session.may('devices.merge') && item('merge', 'Merge…', count < 2 || count > 10)}
      {session.may('devices.delete') && item('delete', 'Delete…', none)}
    </MenuList>
  );
}

/** The menu at a point of the window. */
export function MapContextMenu({
  at,
  onClose,
  ...items
}: MapMenuItemsProps & { readonly at: { readonly x: number; readonly y: number }; onClose(): void }) {
  const target = { getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) };
  const onOpenChange: MenuProps['onOpenChange'] = (_, data) => {
    if (!data.open) onClose();
  };
  return (
    <Menu open onOpenChange={onOpenChange} positioning={{ target, position: 'below', align: 'start' }}>
      <MenuPopover>
        <MapMenuItems {...items} />
      </MenuPopover>
    </Menu>
  );
}
