/** The dialog that the toolbar of the inventory opened. */
import type { Device, DeviceChanges, DeviceGroup } from '../api/devices.ts';
import { DeleteDialog, EditDialog, GroupDialog, MergeDialog } from './device-dialogs.tsx';
import type { DeviceDialog } from './device-toolbar.tsx';
import { ImportDialog } from './import-dialog.tsx';

export interface MarkedDevicesDialogProps {
  readonly dialog: DeviceDialog;
  readonly count: number;
  readonly rows: readonly Device[];
  onClose(): void;
  onEdit(changes: DeviceChanges): void;
  onMerge(one: Device, others: readonly Device[]): void;
  onDelete(reason: string): void;
  onDeleteInactive(days: number, reason: string): void;
  onImported(): void;
  onMakeGroup(name: string): void;
  onAddToGroup(group: DeviceGroup): void;
}

export default function MarkedDevicesDialog(props: MarkedDevicesDialogProps) {
  const { dialog, count, rows, onClose } = props;
  /** Closes the dialog and goes on. */
  const then =
    <Given extends unknown[]>(work: (...given: Given) => void) =>
    (...given: Given) => {
      onClose();
      work(...given);
    };
  switch (dialog) {
    case 'edit':
      return <EditDialog count={count} onClose={onClose} onEdit={then(props.onEdit)} />;
    case 'merge':
      return <MergeDialog devices={rows} onClose={onClose} onMerge={then(props.onMerge)} />;
    case 'delete':
      return <DeleteDialog devices={rows} onClose={onClose} onDelete={then(props.onDelete)} />;
    case 'inactive':
      return <DeleteDialog devices={null} onClose={onClose} onDelete={then((reason, days) => props.onDeleteInactive(days, reason))} />;
    case 'import':
      return <ImportDialog onClose={onClose} onImported={props.onImported} />;
    case 'group':
    case 'filter-group':
      return (
        <GroupDialog
          count={count}
          isFilter={dialog === 'filter-group'}
          onClose={onClose}
          onMake={then(props.onMakeGroup)}
          onAdd={then(props.onAddToGroup)}
        />
      );
  }
}
