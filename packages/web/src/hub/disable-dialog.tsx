/** Disables a device, with the reason that others will read. */
import { Field, Input } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type HubIdentity, setStatus } from '../api/hub.ts';
import { FormDialog } from '../shell/form-dialog.tsx';

export function DisableDialog({ identity, onClose }: { identity: HubIdentity; onClose: () => void }) {
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
    <FormDialog
      title={`Disable ${identity.deviceId}?`}
      submit="Disable"
      isReady={!disable.isPending}
      error={disable.error}
      onSubmit={() => disable.mutate()}
      onClose={onClose}
    >
      Its connections end, and it may not connect until it is enabled again. Twin, keys and waiting messages stay.
      <Field label="Reason" hint="Shown with the device">
        <Input value={reason} maxLength={128} onChange={(_, data) => setReason(data.value)} />
      </Field>
    </FormDialog>
  );
}
