/** Connection strings of a device or module: shown when asked for, since each look is written down. */
import {
  Button,
  Field,
  Input,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Copy20Regular } from '@fluentui/react-icons/svg/copy';
import { Eye20Regular } from '@fluentui/react-icons/svg/eye';
import { EyeOff20Regular } from '@fluentui/react-icons/svg/eye-off';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchKeys, type HubIdentity, type HubKeys, type HubName, renewKey } from '../api/hub.ts';
import { useNotice } from '../shell/notices.tsx';
import { Trouble } from '../shell/trouble.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '14px' },
  line: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', gap: '6px', alignItems: 'end' },
  mono: { fontFamily: tokens.fontFamilyMonospace },
  faint: { color: tokens.colorNeutralForeground3 },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

export function ConnectionStrings({ name, kind }: { name: HubName; kind: HubIdentity['authentication'] }) {
  const styles = useStyles();
  const notice = useNotice();
  const [keys, setKeys] = useState<HubKeys | null>(null);
  const look = useMutation({ mutationFn: () => fetchKeys(name), onSuccess: setKeys });
  const renew = useMutation({
    mutationFn: (which: 'primary' | 'secondary') => renewKey(name, which),
    onSuccess: (fresh, which) => {
      setKeys(fresh);
      notice({ intent: 'success', text: `The ${which} key is new: give it to the device.` });
    },
  });
  const trouble = look.error ?? renew.error;
  return (
    <div className={styles.form}>
      <Trouble error={trouble} />
      {!keys && (
        <>
          <Text className={styles.faint}>
            Whoever knows a connection string can be this {name.module === null ? 'device' : 'module'}. Each look is written into the audit
            log.
          </Text>
          <div className={styles.buttons}>
            <Button icon={<Eye20Regular />} disabled={look.isPending} onClick={() => look.mutate()}>
              Show connection strings
            </Button>
          </div>
        </>
      )}
      {keys && (
        <>
          <Secret label={kind === 'sas' ? 'Primary connection string' : 'Connection string'} value={keys.primaryConnectionString} />
          {keys.secondaryConnectionString !== null && <Secret label="Secondary connection string" value={keys.secondaryConnectionString} />}
          <div className={styles.buttons}>
            <Button icon={<EyeOff20Regular />} onClick={() => setKeys(null)}>
              Hide
            </Button>
            {kind === 'sas' && (
              <Menu>
                <MenuTrigger disableButtonEnhancement>
                  <Button disabled={renew.isPending}>Make a key anew</Button>
                </MenuTrigger>
                <MenuPopover>
                  <MenuList>
                    <MenuItem onClick={() => renew.mutate('primary')}>Primary key: connections end</MenuItem>
                    <MenuItem onClick={() => renew.mutate('secondary')}>Secondary key: connections end</MenuItem>
                  </MenuList>
                </MenuPopover>
              </Menu>
            )}
          </div>
        </>
      )}
    </div>
  );
}

function Secret({ label, value }: { label: string; value: string }) {
  const styles = useStyles();
  const notice = useNotice();
  const copy = () => {
    navigator.clipboard.writeText(value).then(
      () => notice({ intent: 'success', text: `${label} copied.` }),
      () => notice({ intent: 'warning', text: 'The browser does not let the page copy: select the text and copy it.' }),
    );
  };
  return (
    <div className={styles.line}>
      <Field label={label}>
        <Input readOnly value={value} input={{ className: styles.mono }} onFocus={(event) => event.target.select()} />
      </Field>
      <Button icon={<Copy20Regular />} aria-label={`Copy the ${label.toLowerCase()}`} onClick={copy} />
    </div>
  );
}
