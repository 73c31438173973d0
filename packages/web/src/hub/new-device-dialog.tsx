/** Makes a device, and goes to its page, where its connection string is. */
import { Field, Input, Radio, RadioGroup } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { createDevice, type NewAuthentication, pageOf } from '../api/hub.ts';
import { FormDialog } from '../shell/form-dialog.tsx';

const KINDS: readonly (readonly [NewAuthentication['type'], string])[] = [
  ['sas', 'Symmetric key: the hub makes two keys'],
  ['selfSigned', 'X.509 self-signed: the device shows a certificate with a thumbprint'],
  ['certificateAuthority', 'X.509 CA signed: by an authority that the hub knows'],
];

export function NewDeviceDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [id, setId] = useState('');
  const [type, setType] = useState<NewAuthentication['type']>('sas');
  const [thumbprint, setThumbprint] = useState('');
  const create = useMutation({
    mutationFn: () => createDevice(id.trim(), { type, ...(type === 'selfSigned' ? { primaryThumbprint: thumbprint.trim() } : {}) }),
    onSuccess: async ({ deviceId }) => {
      await queries.invalidateQueries({ queryKey: ['hub'] });
      onClose();
      await navigate(pageOf({ device: deviceId, module: null }));
    },
  });
  return (
    <FormDialog
      title="Add device"
      submit="Add"
      isReady={id.trim() !== '' && !create.isPending}
      error={create.error}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <Field
        label="Device ID"
        required
        hint="Letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ ', up to 128. It cannot be changed later."
      >
        <Input value={id} onChange={(_, data) => setId(data.value)} autoComplete="off" />
      </Field>
      <Field label="Authentication">
        <RadioGroup value={type} onChange={(_, data) => setType(KINDS.find(([kind]) => kind === data.value)?.[0] ?? 'sas')}>
          {KINDS.map(([kind, label]) => (
            <Radio key={kind} value={kind} label={label} />
          ))}
        </RadioGroup>
      </Field>
      {type === 'selfSigned' && (
        <Field label="Thumbprint" required hint="SHA-1 or SHA-256 of the certificate, in hex">
          <Input value={thumbprint} onChange={(_, data) => setThumbprint(data.value)} autoComplete="off" />
        </Field>
      )}
    </FormDialog>
  );
}
