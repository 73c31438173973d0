/** Sends a cloud-to-device message. It waits in the hub until the device takes it, or its time is over. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, Select, Text, Textarea, tokens } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { Send20Regular } from '@fluentui/react-icons/svg/send';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type HubIdentity, type MessageToDevice, sendMessage } from '../api/hub.ts';
import { useSession } from '../session/session-gate.tsx';
import { Card } from '../shell/card.tsx';
import { Trouble } from '../shell/trouble.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '14px', maxWidth: '760px' },
  two: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))', gap: '14px', alignItems: 'start' },
  property: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr) auto', gap: '8px', alignItems: 'end' },
  mono: { fontFamily: tokens.fontFamilyMonospace },
  properties: { display: 'grid', gap: '8px', border: 'none', margin: 0, padding: 0 },
  legend: { padding: 0, marginBottom: '6px' },
});

const ACKS: readonly (readonly [MessageToDevice['ack'], string])[] = [
  ['none', 'None'],
  ['positive', 'When it is completed'],
  ['negative', 'When it expires or is rejected'],
  ['full', 'In both cases'],
];
const LIFETIMES: readonly (readonly [minutes: number, label: string])[] = [
  [5, '5 minutes'],
  [60, '1 hour'],
  [24 * 60, '1 day'],
  [48 * 60, '2 days'],
];

interface Property {
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

export function SendMessage({ device, identity }: { device: string; identity: HubIdentity }) {
  const styles = useStyles();
  const session = useSession();
  const queries = useQueryClient();
  const [body, setBody] = useState('');
  const [contentType, setContentType] = useState('application/json');
  const [properties, setProperties] = useState<readonly Property[]>([]);
  const [messageId, setMessageId] = useState('');
  const [minutes, setMinutes] = useState(60);
  const [ack, setAck] = useState<MessageToDevice['ack']>('none');
  const send = useMutation({
    mutationFn: () =>
      sendMessage(device, {
        body,
        properties: Object.fromEntries(properties.filter(({ name }) => name.trim() !== '').map(({ name, value }) => [name.trim(), value])),
        ...(messageId.trim() === '' ? {} : { messageId: messageId.trim() }),
        ...(contentType.trim() === '' ? {} : { contentType: contentType.trim() }),
        expiry: new Date(Date.now() + minutes * 60_000).toISOString(),
        ack,
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['hub', 'identity', device] }),
  });
  if (!session.may('hub.edit')) return <Text>Your role is {session.role}, which does not include sending messages to devices.</Text>;
  const change = (key: number, changed: Partial<Property>) =>
    setProperties((list) => list.map((property) => (property.key === key ? { ...property, ...changed } : property)));
  return (
    <Card title="Message to the device">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Field label="Body">
          <Textarea
            rows={6}
            textarea={{ className: styles.mono, spellCheck: false }}
            value={body}
            onChange={(_, data) => setBody(data.value)}
          />
        </Field>
        <div className={styles.two}>
          <Field label="Content type">
            <Input value={contentType} onChange={(_, data) => setContentType(data.value)} />
          </Field>
          <Field label="Message ID" hint={ack === 'none' ? 'May be left out' : 'Needed for feedback'} required={ack !== 'none'}>
            <Input value={messageId} onChange={(_, data) => setMessageId(data.value)} />
          </Field>
          <Field label="Waits at most">
            <Select value={String(minutes)} onChange={(_, data) => setMinutes(Number(data.value))}>
              {LIFETIMES.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Feedback to back ends">
            <Select value={ack} onChange={(_, data) => setAck(ACKS.find(([value]) => value === data.value)?.[0] ?? 'none')}>
              {ACKS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <fieldset className={styles.properties}>
          <legend className={styles.legend}>Properties</legend>
          {properties.map(({ key, name, value }) => (
            <div key={key} className={styles.property}>
              <Input
                aria-label="Name of the property"
                placeholder="Name"
                value={name}
                onChange={(_, data) => change(key, { name: data.value })}
              />
              <Input
                aria-label="Value of the property"
                placeholder="Value"
                value={value}
                onChange={(_, data) => change(key, { value: data.value })}
              />
              <Button
                icon={<Delete20Regular />}
                aria-label={`Take away the property ${name}`}
                onClick={() => setProperties((list) => list.filter((property) => property.key !== key))}
              />
            </div>
          ))}
          <div>
            <Button
              icon={<Add20Regular />}
              onClick={() =>
                setProperties((list) => [...list, { key: Math.max(0, ...list.map(({ key }) => key)) + 1, name: '', value: '' }])
              }
            >
              Add a property
            </Button>
          </div>
        </fieldset>
        <Trouble error={send.error} />
        {send.isSuccess && (
          <MessageBar intent="success" layout="multiline">
            <MessageBarBody>
              The hub has the message.{' '}
              {identity.connected ? 'The device is connected and takes it when it listens.' : 'It waits until the device connects.'}
            </MessageBarBody>
          </MessageBar>
        )}
        <div>
          <Button type="submit" appearance="primary" icon={<Send20Regular />} disabled={send.isPending}>
            Send message
          </Button>
        </div>
      </form>
    </Card>
  );
}
