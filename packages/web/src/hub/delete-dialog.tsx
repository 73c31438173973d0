/** Asks before a device or module is deleted: nothing brings its keys back. */
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { deleteIdentity, type HubName } from '../api/hub.ts';
import { useNotice } from '../shell/notices.tsx';
import { Trouble } from '../shell/trouble.tsx';

export function DeleteDialog({ name, onClose, onDeleted }: { name: HubName; onClose: () => void; onDeleted: () => void }) {
  const notice = useNotice();
  const what = name.module ?? name.device;
  const remove = useMutation({
    mutationFn: () => deleteIdentity(name),
    onSuccess: () => {
      notice({ intent: 'success', text: `${what} was deleted.` });
      onClose();
      onDeleted();
    },
  });
  return (
    <Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Delete {what}?</DialogTitle>
          <DialogContent>
            {name.module === null
              ? 'Its modules, its twin and the messages that wait for it go with it, and it can no longer connect. Its keys cannot be brought back.'
              : 'Its twin goes with it, and it can no longer connect. Its keys cannot be brought back.'}
            <Trouble error={remove.error} />
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button appearance="primary" disabled={remove.isPending} onClick={() => remove.mutate()}>
              Delete
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
