/** What can be done with the devices that are marked, and with everything that is shown. */
import { Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, ToolbarButton, ToolbarDivider } from '@fluentui/react-components';
import { ArrowUpload20Regular } from '@fluentui/react-icons/svg/arrow-upload';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { Edit20Regular } from '@fluentui/react-icons/svg/edit';
import { Filter20Regular } from '@fluentui/react-icons/svg/filter';
import { GroupList20Regular } from '@fluentui/react-icons/svg/group-list';
import { Merge20Regular } from '@fluentui/react-icons/svg/merge';
import { ShieldCheckmark20Regular } from '@fluentui/react-icons/svg/shield-checkmark';
import { Star20Regular } from '@fluentui/react-icons/svg/star';
import { TableSettings20Regular } from '@fluentui/react-icons/svg/table-settings';
import { type Device, type DeviceChanges, IMPORTANCES } from '../api/devices.ts';
import type { Marks } from '../grid/use-marks.ts';
import { useSession } from '../session/session-gate.tsx';

/** A merge takes no more. */
const MOST_MERGED = 10;

export type DeviceDialog = 'edit' | 'merge' | 'delete' | 'inactive' | 'group' | 'filter-group' | 'import';

export interface DeviceToolbarProps {
  readonly marks: Marks<Device>;
  readonly hasFilters: boolean;
  onColumns(): void;
  onDialog(dialog: DeviceDialog): void;
  onEdit(changes: DeviceChanges, done: string): void;
}

export function DeviceToolbar({ marks, hasFilters, onColumns, onDialog, onEdit }: DeviceToolbarProps) {
  const session = useSession();
  const { rows, count, everything } = marks;
  const none = count === 0;
  const mayEdit = session.may('devices.edit');
  return (
    <>
      <ToolbarButton icon={<TableSettings20Regular />} onClick={onColumns}>
        Edit columns
      </ToolbarButton>
      {mayEdit && (
        <ToolbarButton icon={<ArrowUpload20Regular />} onClick={() => onDialog('import')}>
          Import
        </ToolbarButton>
      )}
      {(mayEdit || session.may('devices.authorise')) && <ToolbarDivider />}
      {session.may('devices.authorise') && (
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <ToolbarButton icon={<ShieldCheckmark20Regular />} disabled={none}>
              Authorize
            </ToolbarButton>
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              <MenuItem onClick={() => onEdit({ authorised: true }, 'authorized')}>Authorize</MenuItem>
              <MenuItem onClick={() => onEdit({ authorised: false }, 'set to unauthorized')}>Unauthorize</MenuItem>
              <MenuItem onClick={() => onEdit({ programming: true }, 'flagged as programming devices')}>Programming device</MenuItem>
              <MenuItem onClick={() => onEdit({ programming: false }, 'no longer programming devices')}>No programming device</MenuItem>
              <MenuItem onClick={() => onEdit({ scanner: true }, 'flagged as scanner devices')}>Scanner device</MenuItem>
              <MenuItem onClick={() => onEdit({ scanner: false }, 'no longer scanner devices')}>No scanner device</MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
      {mayEdit && (
        <>
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <ToolbarButton icon={<Star20Regular />} disabled={none}>
                Importance
              </ToolbarButton>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                {IMPORTANCES.toReversed().map((importance) => (
                  <MenuItem key={importance} onClick={() => onEdit({ importance }, `set to ${importance} importance`)}>
                    {importance}
                  </MenuItem>
                ))}
              </MenuList>
            </MenuPopover>
          </Menu>
          <ToolbarButton icon={<Edit20Regular />} disabled={none} onClick={() => onDialog('edit')}>
            Edit
          </ToolbarButton>
          <ToolbarButton icon={<GroupList20Regular />} disabled={none || everything} onClick={() => onDialog('group')}>
            Add to group
          </ToolbarButton>
          <ToolbarButton icon={<Filter20Regular />} disabled={!hasFilters} onClick={() => onDialog('filter-group')}>
            Save filter
          </ToolbarButton>
        </>
      )}
      {session.may('devices.merge') && (
        <ToolbarButton
          icon={<Merge20Regular />}
          disabled={everything || rows.length < 2 || rows.length > MOST_MERGED}
          onClick={() => onDialog('merge')}
        >
          Merge
        </ToolbarButton>
      )}
      {session.may('devices.delete') && (
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <ToolbarButton icon={<Delete20Regular />}>Delete</ToolbarButton>
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              <MenuItem disabled={none || everything} onClick={() => onDialog('delete')}>
                The marked devices…
              </MenuItem>
              <MenuItem onClick={() => onDialog('inactive')}>Inactive devices…</MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
    </>
  );
}
