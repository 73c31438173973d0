/** Adds a site with its first zones. */
import { Field, Input, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { addSite } from '../api/sites.ts';
import { linesOf } from './site-words.ts';
import { useSiteChange } from './use-site-change.ts';
import { FormDialog } from '../shell/form-dialog.tsx';

export default function AddSiteDialog({ onClose }: { onClose: () => void }) {
  const change = useSiteChange();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [zones, setZones] = useState('');
  return (
    <FormDialog
      title="Add site"
      submit="Add"
      isReady={name.trim() !== ''}
      onSubmit={() => {
        const site = { name: name.trim(), displayName: displayName.trim(), tags: {}, owners: [], zones: linesOf(zones) };
        void change(() => addSite(site), `The site ${site.name} was added.`).then((done) => {
          if (done) onClose();
        });
      }}
      onClose={onClose}
    >
      <Field label="Name" required hint="Alerts and devices carry it; it cannot be changed later.">
        <Input value={name} maxLength={80} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field label="Display name">
        <Input value={displayName} maxLength={80} onChange={(_, data) => setDisplayName(data.value)} />
      </Field>
      <Field label="Zones" hint="One on a line">
        <Textarea value={zones} onChange={(_, data) => setZones(data.value)} />
      </Field>
    </FormDialog>
  );
}
