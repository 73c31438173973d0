/** Adds a site with its first zones. */
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
  Textarea,
} from '@fluentui/react-components';
import { useState } from 'react';
import { addSite } from '../api/sites.ts';
import { linesOf } from './site-words.ts';
import { useSiteChange } from './use-site-change.ts';

const useStyles = makeStyles({ form: { display: 'grid', gap: '14px' } });

export default function AddSiteDialog({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const change = useSiteChange();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [zones, setZones] = useState('');
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const site = { name: name.trim(), displayName: displayName.trim(), tags: {}, owners: [], zones: linesOf(zones) };
            void change(() => addSite(site), `The site ${site.name} was added.`).then((done) => {
              if (done) onClose();
            });
          }}
        >
          <DialogBody>
            <DialogTitle>Add site</DialogTitle>
            <DialogContent className={styles.form}>
              <Field label="Name" required hint="Alerts and devices carry it; it cannot be changed later.">
                <Input value={name} maxLength={80} onChange={(_, data) => setName(data.value)} />
              </Field>
              <Field label="Display name">
                <Input value={displayName} maxLength={80} onChange={(_, data) => setDisplayName(data.value)} />
              </Field>
              <Field label="Zones" hint="One on a line">
                <Textarea value={zones} onChange={(_, data) => setZones(data.value)} />
              </Field>
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" appearance="primary" disabled={name.trim() === ''}>
                Add
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
