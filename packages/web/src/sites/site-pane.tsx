/** Edit site: display name, owners, tags and zones. */
import { Button, Field, Input, makeStyles, Subtitle2, Text, Textarea, tokens } from '@fluentui/react-components';
import { Delete16Regular } from '@fluentui/react-icons/svg/delete';
import { useState } from 'react';
import { addZone, changeSite, removeSite, removeZone, type Site } from '../api/sites.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { useSession } from '../session/session-gate.tsx';
import { linesOf, tagsOf, tagsText } from './site-words.ts';
import { useSiteChange } from './use-site-change.ts';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '14px' },
  zones: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '2px' },
  zone: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', minHeight: '32px' },
  faint: { color: tokens.colorNeutralForeground3 },
  add: { display: 'flex', gap: '8px', '& > :first-child': { flexGrow: 1, minWidth: 0 } },
});

export function SitePane({ site, onClose }: { site: Site; onClose: () => void }) {
  const styles = useStyles();
  const mayEdit = site.editable;
  const mayRemove = useSession().mayEverywhere('sites.edit');
  const change = useSiteChange();
  const [displayName, setDisplayName] = useState(site.displayName);
  const [owners, setOwners] = useState(site.owners.join('\n'));
  const [tags, setTags] = useState(tagsText(site.tags));
  const [zone, setZone] = useState('');
  const parsed = tagsOf(tags);
  const save = async () => {
    if (parsed === undefined) return;
    const to = { displayName: displayName.trim() === site.name ? '' : displayName.trim(), owners: linesOf(owners), tags: parsed };
    if (await change(() => changeSite(site.name, to), `The site ${site.name} was changed.`)) onClose();
  };
  const inZone = (name: string) => site.sensors.filter((sensor) => sensor.zone === name).length;
  return (
    <DetailsPane
      label="Edit site"
      contentLabel="What is set about the site"
      title={mayEdit ? 'Edit site' : 'Site'}
      onClose={onClose}
      footer={
        mayEdit && (
          <>
            <Button appearance="primary" disabled={parsed === undefined} onClick={() => void save()}>
              Save
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            {mayRemove && (
              <Button
                disabled={site.sensors.length > 0}
                onClick={() =>
                  void change(() => removeSite(site.name), `The site ${site.name} was removed.`).then((done) => {
                    if (done) onClose();
                  })
                }
              >
                Remove site
              </Button>
            )}
          </>
        )
      }
    >
      <div className={styles.form}>
        <Field label="Name" hint="Alerts and devices carry it, so it stays.">
          <Input value={site.name} readOnly />
        </Field>
        <Field label="Display name">
          <Input value={displayName} maxLength={80} readOnly={!mayEdit} onChange={(_, data) => setDisplayName(data.value)} />
        </Field>
        <Field label="Owners" hint="E-mail addresses, one on a line">
          <Textarea value={owners} readOnly={!mayEdit} onChange={(_, data) => setOwners(data.value)} />
        </Field>
        <Field
          label="Tags"
          hint="One on a line, as key=value"
          {...(parsed ? {} : { validationMessage: 'A line has no key before its =.' })}
        >
          <Textarea value={tags} readOnly={!mayEdit} onChange={(_, data) => setTags(data.value)} />
        </Field>
      </div>
      <div>
        <Subtitle2 as="h3">Zones</Subtitle2>
        <ul className={styles.zones} aria-label={`Zones of ${site.displayName}`}>
          {site.zones.map((name) => (
            <li key={name} className={styles.zone}>
              <span>
                {name} <Text className={styles.faint}>{inZone(name) === 1 ? '1 sensor' : `${inZone(name)} sensors`}</Text>
              </span>
              {mayEdit && (
                <Button
                  size="small"
                  appearance="subtle"
                  icon={<Delete16Regular />}
                  aria-label={`Remove the zone ${name}`}
                  disabled={inZone(name) > 0}
                  onClick={() => void change(() => removeZone(site.name, name), `The zone ${name} was removed.`)}
                />
              )}
            </li>
          ))}
        </ul>
        {mayEdit && (
          <form
            className={styles.add}
            onSubmit={(event) => {
              event.preventDefault();
              void change(() => addZone(site.name, zone.trim()), `The zone ${zone.trim()} was created.`).then((done) => {
                if (done) setZone('');
              });
            }}
          >
            <Input aria-label="New zone" placeholder="New zone" value={zone} maxLength={80} onChange={(_, data) => setZone(data.value)} />
            <Button type="submit" disabled={zone.trim() === ''}>
              Create zone
            </Button>
          </form>
        )}
      </div>
    </DetailsPane>
  );
}
