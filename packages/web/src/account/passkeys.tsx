/** Passkeys: added with the password, named, used by themselves, removed. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DetectionTime } from '../alerts/detection-time.tsx';
import type { Account, Passkey } from '../api/accounts.ts';
import { send } from '../api/client.ts';
import { makePasskey, whyNoPasskeys } from '../session/web-authn.ts';
import { useNotice } from '../shell/notices.tsx';
import { browserOf } from './browser-name.ts';
import { Card } from '../shell/card.tsx';
import { PasskeyDialog } from './passkey-dialog.tsx';
import { NewCodes } from './recovery-codes.tsx';
import { SmallTable } from '../shell/small-table.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  head: {
    textAlign: 'left',
    padding: '6px 10px 6px 0',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  actions: { display: 'flex', gap: '8px' },
});

const HEADS = ['Name', 'For', 'Added', 'Last used', 'Actions'];
const LEAD =
  'Sign in with the fingerprint, face or PIN of your device, or with a security key, and without a password. Once you have a passkey, ' +
  'your password alone opens nothing: sign-in asks for a passkey, a code of the app or a recovery code beside it.';

export function Passkeys({ account }: { account: Account }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const notice = useNotice();
  const [name, setName] = useState(() => browserOf(navigator.userAgent));
  const [password, setPassword] = useState('');
  const [asked, setAsked] = useState<{ readonly what: 'rename' | 'remove'; readonly passkey: Passkey } | null>(null);
  const add = useMutation({
    mutationFn: async () => {
      const options = await send<Parameters<typeof makePasskey>[0]>('POST', '/api/account/passkeys/options', { password });
      const response = await makePasskey(options);
      return send<{ passkey: Passkey; recoveryCodes: readonly string[] }>('POST', '/api/account/passkeys', { name, response });
    },
    onSuccess: async ({ passkey }) => {
      setPassword('');
      notice({ text: `The passkey ${passkey.name} is added.`, intent: 'success' });
      await queries.invalidateQueries({ queryKey: ['account'] });
    },
  });
  const { passkeys } = account;
  const obstacle = whyNoPasskeys();
  const codes = add.data?.recoveryCodes ?? [];
  return (
    <Card title="Passkeys" lead={LEAD} error={add.error}>
      {codes.length > 0 && passkeys.length > 0 && <NewCodes codes={codes} />}
      {passkeys.length > 0 && (
        <SmallTable
          heads={HEADS}
          rows={passkeys.map((passkey) => ({
            key: passkey.id,
            cells: [
              passkey.name,
              passkey.host,
              <DetectionTime at={passkey.created} />,
              passkey.lastUsed ? <DetectionTime at={passkey.lastUsed} /> : 'Never',
              <div className={styles.actions}>
                <Button size="small" aria-label={`Rename ${passkey.name}`} onClick={() => setAsked({ what: 'rename', passkey })}>
                  Rename
                </Button>
                <Button size="small" aria-label={`Remove ${passkey.name}`} onClick={() => setAsked({ what: 'remove', passkey })}>
                  Remove
                </Button>
              </div>,
            ],
          }))}
        />
      )}
      {obstacle ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{obstacle}</MessageBarBody>
        </MessageBar>
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Field label="Name of the passkey">
            <Input value={name} maxLength={100} onChange={(_, data) => setName(data.value)} autoComplete="off" />
          </Field>
          <Field label="Your password">
            <Input type="password" value={password} onChange={(_, data) => setPassword(data.value)} autoComplete="current-password" />
          </Field>
          <Button type="submit" disabled={password === '' || name.trim() === '' || add.isPending}>
            Add passkey
          </Button>
        </form>
      )}
      {asked && <PasskeyDialog {...asked} isLast={passkeys.length === 1 && !account.secondFactor} onClose={() => setAsked(null)} />}
    </Card>
  );
}
