/** Create event: what a person knows to have happened, with who takes part. */
import { Field, Input, Select, Textarea } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchStatus } from '../api/alerts.ts';
import { enterEvent, type EventSeverity } from '../api/events.ts';
import { DevicePicker, type Picked } from '../devices/device-picker.tsx';
import { useSession } from '../session/session-gate.tsx';
import { fieldInstant, fieldText, zoneName } from '../time/zone-time.ts';
import { EVENT_SEVERITY_WORDS } from './event-severity-mark.tsx';
import { FormDialog } from '../shell/form-dialog.tsx';

const SEVERITIES: readonly EventSeverity[] = ['INFO', 'NOTICE', 'ALERT'];

export default function CreateEventDialog({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const [severity, setSeverity] = useState<EventSeverity>('INFO');
  const [time, setTime] = useState(() => fieldText(new Date().toISOString()));
  const [description, setDescription] = useState('');
  const [devices, setDevices] = useState<readonly Picked[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [isSending, setIsSending] = useState(false);
  // Devices say by themselves at which sensor it happened; whoever has a role at one site only has to say it without them.
  const isOfAny = useSession().mayEverywhere('timeline.write');
  const { data: status } = useQuery({ queryKey: ['status'], queryFn: fetchStatus });
  const sensors = (status?.sensors ?? []).map(({ name }) => name);
  const sensor = devices.length > 0 ? '' : (chosen ?? (isOfAny ? '' : (sensors[0] ?? '')));
  const at = fieldInstant(time);
  const isReady = description.trim() !== '' && at !== null && !isSending;
  const save = async () => {
    if (at === null) return;
    setIsSending(true);
    try {
      await enterEvent({
        severity,
        time: at,
        description: description.trim(),
        devices: devices.map(({ number }) => number),
        ...(sensor === '' ? {} : { sensor }),
      });
      onCreated();
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)));
      setIsSending(false);
    }
  };
  return (
    <FormDialog title="Create event" submit="Save" isReady={isReady} error={problem} onSubmit={() => void save()} onClose={onClose}>
      <Field label="Type">
        {/* The options are the severities. */}
        <Select value={severity} onChange={(_, { value }) => setSeverity(value as EventSeverity)}>
          {SEVERITIES.map((one) => (
            <option key={one} value={one}>
              {EVENT_SEVERITY_WORDS[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={`Timestamp (${zoneName()})`}>
        <Input type="datetime-local" value={time} onChange={(_, { value }) => setTime(value)} />
      </Field>
      <Field label="Description" required>
        <Textarea value={description} maxLength={2000} rows={3} onChange={(_, { value }) => setDescription(value)} />
      </Field>
      {sensors.length > 1 && devices.length === 0 && (
        <Field label="Sensor">
          <Select value={sensor} onChange={(_, { value }) => setChosen(value)}>
            {isOfAny && <option value="">None in particular</option>}
            {sensors.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
      )}
      <DevicePicker label="Devices" picked={devices} onChange={setDevices} />
    </FormDialog>
  );
}
