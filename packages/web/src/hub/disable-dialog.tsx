/** Disables a device, with the reason that others will read. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type HubIdentity, setStatus } from '../api/hub.ts';
import { Trouble } from '../shell/trouble.tsx';

const useStyles = makeStyles({ form: { display: 'grid', gap: '14px' } });

export function DisableDialog({ identity, onClose }: { identity: HubIdentity; onClose: () => void }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const disable = useMutation({
    mutationFn: () => setStatus(identity.deviceId, 'disabled', reason.trim() || null, identity.etag),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['hub'] });
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            disable.mutate();
          }}
        >
          <DialogBody>
            <DialogTitle>Disable {identity.deviceId}?</DialogTitle>
            <DialogContent className={styles.form}>
              Its connections end, and it may not connect until it is enabled again. Twin, keys and waiting messages stay.
              <Field label="Reason" hint="Shown with the device">
                <Input value={reason} maxLength={128} onChange={(_, data) => setReason(data.value)} />
              </Field>
              <Trouble error={disable.error} />
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" appearance="primary" disabled={disable.isPending}>
                Disable
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
