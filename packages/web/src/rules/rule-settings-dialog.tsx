/** What all rules share: time zone, working hours, groups of addresses. */
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
  MessageBar,
  MessageBarBody,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Add16Regular } from '@fluentui/react-icons/svg/add';
import { Dismiss16Regular } from '@fluentui/react-icons/svg/dismiss';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { type RuleSettings, saveRuleSettings } from '../api/rules.ts';
import { useNotice } from '../shell/notices.tsx';
import { DaysField } from './schedule-field.tsx';

const useStyles = makeStyles({
  content: { display: 'grid', gap: '16px' },
  row: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  time: { width: '96px' },
  group: { display: 'grid', gridTemplateColumns: 'minmax(100px, 1fr) minmax(140px, 2fr) 32px', gap: '8px' },
  faint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export function RuleSettingsDialog({ settings, onClose }: { settings: RuleSettings; onClose: () => void }) {
  const styles = useStyles();
  const notice = useNotice();
  const queries = useQueryClient();
  const zones = useId();
  const [timeZone, setTimeZone] = useState(settings.timeZone);
  const [hours, setHours] = useState(settings.workingHours);
  const [groups, setGroups] = useState(Object.entries(settings.groups).map(([name, members]) => ({ name, members: members.join(', ') })));
  const save = useMutation({
    mutationFn: () =>
      saveRuleSettings({
        timeZone,
        workingHours: hours,
        groups: Object.fromEntries(
          groups
            .filter(({ name, members }) => name.trim() !== '' || members.trim() !== '')
            .map(({ name, members }) => [
              name.trim(),
              members
                .split(',')
                .map((member) => member.trim().replaceAll(/\s*-\s*/g, '-'))
                .filter((member) => member !== ''),
            ]),
        ),
      }),
    onSuccess: (saved) => {
      queries.setQueryData(['rules', 'settings'], saved);
      notice({ intent: 'success', text: 'Working hours and groups hold for all rules from now on.' });
      onClose();
    },
  });
  const setGroup = (at: number, change: Partial<(typeof groups)[number]>) =>
    setGroups(groups.map((group, index) => (index === at ? { ...group, ...change } : group)));
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Working hours and groups</DialogTitle>
          <DialogContent className={styles.content}>
            <Text className={styles.faint}>They are shared by all rules. Times are those of the packets, on the clocks of this zone.</Text>
            <Field label="Time zone">
              <Input list={zones} value={timeZone} onChange={(_, data) => setTimeZone(data.value)} />
            </Field>
            <datalist id={zones}>
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
            <div className={styles.row}>
              <Field label="Working hours from">
                <Input
                  className={styles.time}
                  placeholder="07:00"
                  value={hours.from}
                  onChange={(_, data) => setHours({ ...hours, from: data.value })}
                />
              </Field>
              <Field label="to">
                <Input
                  className={styles.time}
                  placeholder="18:00"
                  value={hours.to}
                  onChange={(_, data) => setHours({ ...hours, to: data.value })}
                />
              </Field>
            </div>
            <DaysField label="Working days" days={hours.days} onChange={(days) => setHours({ ...hours, days })} />
            <Text weight="semibold">Groups of addresses</Text>
            {groups.map((group, at) => (
              // A group has no name yet when it is made: its place is what it is.
              <div key={at} className={styles.group}>
                <Input
                  aria-label={`Name of group ${at + 1}`}
                  placeholder="engineering"
                  value={group.name}
                  onChange={(_, data) => setGroup(at, { name: data.value })}
                />
                <Input
                  aria-label={`Addresses of group ${at + 1}`}
                  placeholder="10.20.10.0/24, 10.20.11.5"
                  value={group.members}
                  onChange={(_, data) => setGroup(at, { members: data.value })}
                />
                <Button
                  appearance="subtle"
                  icon={<Dismiss16Regular />}
                  aria-label={`Remove group ${at + 1}`}
                  onClick={() => setGroups(groups.filter((_, index) => index !== at))}
                />
              </div>
            ))}
            <div>
              <Button size="small" icon={<Add16Regular />} onClick={() => setGroups([...groups, { name: '', members: '' }])}>
                Add group
              </Button>
            </div>
            {save.error && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>{save.error.message}</MessageBarBody>
              </MessageBar>
            )}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button appearance="primary" disabled={save.isPending} onClick={() => save.mutate()}>
              Save
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
