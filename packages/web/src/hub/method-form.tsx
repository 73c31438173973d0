/** Calls a direct method and shows what the device answers. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, SpinButton, Text, tokens } from '@fluentui/react-components';
import { Play20Regular } from '@fluentui/react-icons/svg/play';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Facts } from '../alerts/facts.tsx';
import { type HubName, invokeMethod } from '../api/hub.ts';
import { JsonEditor } from '../editor/json-editor.tsx';
import { formatJson, parseJson } from '../editor/parse-json.ts';
import { useSession } from '../session/session-gate.tsx';
import { Card } from '../shell/card.tsx';
import { Trouble } from '../shell/trouble.tsx';

const useStyles = makeStyles({
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 400px), 1fr))', gap: '16px', alignItems: 'start' },
  form: { display: 'grid', gap: '14px' },
  two: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(160px, 1fr))', gap: '14px', alignItems: 'start' },
  faint: { color: tokens.colorNeutralForeground3 },
});

const RESPONSE = { least: 5, most: 50, usual: 30 };
const CONNECT = { least: 0, most: 50, usual: 0 };

export function MethodForm({ name, connected }: { name: HubName; connected: boolean }) {
  const styles = useStyles();
  const session = useSession();
  const [method, setMethod] = useState('');
  const [payload, setPayload] = useState('{}');
  const [responseTimeout, setResponseTimeout] = useState(RESPONSE.usual);
  const [connectTimeout, setConnectTimeout] = useState(CONNECT.usual);
  const invoke = useMutation({
    mutationFn: async () => {
      const parsed = parseJson(payload);
      if (!parsed.ok) throw new Error(`The payload cannot be read. ${parsed.problem}`);
      const began = performance.now();
      const answer = await invokeMethod(name, { name: method.trim(), payload: parsed.value, responseTimeout, connectTimeout });
      return { ...answer, milliseconds: Math.round(performance.now() - began) };
    },
  });
  if (!session.may('hub.edit')) return <Text>Your role is {session.role}, which does not include calling methods of devices.</Text>;
  return (
    <div className={styles.columns}>
      <Card title="Direct method">
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            invoke.mutate();
          }}
        >
          {!connected && (
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>It is not connected: the call fails unless it connects within the time below.</MessageBarBody>
            </MessageBar>
          )}
          <Field label="Method name" required>
            <Input value={method} onChange={(_, data) => setMethod(data.value)} autoComplete="off" />
          </Field>
          <Field label="Payload">
            <JsonEditor label="Payload of the method" value={payload} height="220px" onChange={setPayload} />
          </Field>
          <div className={styles.two}>
            <Seconds label="Wait for the answer (s)" value={responseTimeout} range={RESPONSE} onChange={setResponseTimeout} />
            <Seconds label="Wait for it to connect (s)" value={connectTimeout} range={CONNECT} onChange={setConnectTimeout} />
          </div>
          <div>
            <Button type="submit" appearance="primary" icon={<Play20Regular />} disabled={method.trim() === '' || invoke.isPending}>
              {invoke.isPending ? 'Waiting …' : 'Invoke method'}
            </Button>
          </div>
        </form>
      </Card>
      <Card title="Answer">
        <div role="status" className={styles.form}>
          <Trouble error={invoke.error} />
          {invoke.data && !invoke.isPending && (
            <Facts
              facts={[
                ['Status', String(invoke.data.status)],
                ['Took', `${invoke.data.milliseconds.toLocaleString('en')} ms`],
              ]}
            />
          )}
          {!invoke.data && !invoke.error && <Text className={styles.faint}>What the device answers is shown here.</Text>}
        </div>
        {invoke.data && !invoke.isPending && <JsonEditor label="Payload of the answer" value={formatJson(invoke.data.payload)} readOnly />}
      </Card>
    </div>
  );
}

function Seconds({
  label,
  value,
  range,
  onChange,
}: {
  label: string;
  value: number;
  range: { least: number; most: number };
  onChange: (seconds: number) => void;
}) {
  const within = (seconds: number) => onChange(Math.max(range.least, Math.min(range.most, Math.round(seconds))));
  return (
    <Field label={label}>
      <SpinButton
        value={value}
        min={range.least}
        max={range.most}
        onChange={(_, data) => {
          const given = data.value ?? Number(data.displayValue);
          if (Number.isFinite(given)) within(given);
        }}
      />
    </Field>
  );
}
