/** The dialog that a menu of the map opened. */
import { useQueryClient } from '@tanstack/react-query';
import { changeDeviceGroup, type DeviceDetails, makeDeviceGroup } from '../api/devices.ts';
import { DeleteDialog, GroupDialog, MergeDialog } from '../devices/device-dialogs.tsx';
import { type DeviceActions, devicesText } from '../devices/use-device-actions.ts';
import { useNotice } from '../shell/notices.tsx';
import type { MapDialogKind } from './use-map-deeds.ts';

export interface MapDialogProps {
  readonly dialog: MapDialogKind;
  readonly devices: readonly DeviceDetails[];
  readonly actions: DeviceActions;
  onClose(): void;
}

export default function MapDialog({ dialog, devices, actions, onClose }: MapDialogProps) {
  const notice = useNotice();
  const queries = useQueryClient();
  const numbers = devices.map(({ number }) => number);
  const group = async (work: Promise<unknown>, done: string) => {
    onClose();
    try {
      await work;
      notice({ intent: 'success', text: done });
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
    }
    await queries.invalidateQueries({ queryKey: ['device-groups'] });
  };
  if (dialog === 'group')
    return (
      <GroupDialog
        count={devices.length}
        isFilter={false}
        onClose={onClose}
        onMake={(name) => void group(makeDeviceGroup({ name, devices: numbers }), `The group ${name} was made.`)}
        onAdd={({ id, name }) => void group(changeDeviceGroup(id, { add: numbers }), `${devicesText(numbers.length)} added to ${name}.`)}
      />
    );
  if (dialog === 'merge')
    return (
      <MergeDialog
        devices={devices}
        onClose={onClose}
        onMerge={(one, others) => {
          onClose();
          void actions.merge(one, others);
        }}
      />
    );
  return (
    <DeleteDialog
      devices={devices}
      onClose={onClose}
      onDelete={(reason) => {
        onClose();
        void actions.remove(devices, reason);
      }}
    />
  );
}
