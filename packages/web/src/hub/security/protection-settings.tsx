/** Protection of the hub: on or off, its workspace and resource groups, and what could not be evaluated. */
import {
  Button,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Switch,
  Tag,
  TagGroup,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DetectionTime } from '../../alerts/detection-time.tsx';
import { Facts } from '../../alerts/facts.tsx';
import { changeSecurity, fetchSecurity, type HubSecurity, type HubSecurityChange } from '../../api/hub-security.ts';
import { useSession } from '../../session/session-gate.tsx';
import { useNotice } from '../../shell/notices.tsx';
import { Card } from '../../shell/card.tsx';
import { Trouble } from '../../shell/trouble.tsx';

const useStyles = makeStyles({
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 400px), 1fr))', gap: '16px', alignItems: 'start' },
  stack: { display: 'grid', gap: '16px' },
  form: { display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'end' },
  faint: { color: tokens.colorNeutralForeground3 },
});

export function useHubSecurity() {
  return useQuery({ queryKey: ['hub', 'security'], queryFn: fetchSecurity, refetchInterval: 15_000 });
}

/** Says on other pages that nothing is evaluated. */
export function ProtectionOff({ security }: { security: HubSecurity | undefined }) {
  if (!security || security.protected) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Protection of the hub is off.</MessageBarTitle>
        Nothing is evaluated and no alert is raised until it is switched on again. What happens meanwhile is not judged later.
      </MessageBarBody>
    </MessageBar>
  );
}

export function ProtectionSettings() {
  const styles = useStyles();
  const session = useSession();
  const queries = useQueryClient();
  const notice = useNotice();
  const { data, error } = useHubSecurity();
  const change = useMutation({
    mutationFn: (wanted: HubSecurityChange) => changeSecurity(wanted),
    onSuccess: (after) => {
      queries.setQueryData(['hub', 'security'], after);
      notice({ intent: 'success', text: 'Saved.' });
    },
  });
  const trouble = change.error ?? error;
  const mayEdit = session.may('hub.edit');
  return (
    <div className={styles.stack}>
      <Trouble error={trouble} />
      {!data && !error && <Spinner label="Loading" />}
      {data && (
        <div className={styles.columns}>
          <div className={styles.stack}>
            <Card title="Protection">
              <Switch
                checked={data.protected}
                disabled={!mayEdit || change.isPending}
                label={data.protected ? 'On: what devices do is evaluated' : 'Off: nothing is evaluated'}
                onChange={(_, { checked }) => change.mutate({ protected: checked })}
              />
              <ProtectionOff security={data} />
              {data.since !== null && (
                <Text className={styles.faint}>
                  Switched {data.protected ? 'on' : 'off'} {data.by === null ? '' : `by ${data.by} `}on <DetectionTime at={data.since} />.
                </Text>
              )}
              {!mayEdit && <Text className={styles.faint}>Your role is {session.role}, which does not include switching it.</Text>}
            </Card>
            <Card title="Not evaluated">
              <NotEvaluated security={data} />
            </Card>
          </div>
          <Card title="Solution">
            <Workspace
              key={data.workspace}
              workspace={data.workspace}
              mayEdit={mayEdit}
              onSave={(workspace) => change.mutate({ workspace })}
            />
            <ResourceGroups
              groups={data.resourceGroups}
              mayEdit={mayEdit}
              onChange={(resourceGroups) => change.mutate({ resourceGroups })}
            />
          </Card>
        </div>
      )}
    </div>
  );
}

function Workspace({
  workspace,
  mayEdit,
  onSave,
}: {
  workspace: string | null;
  mayEdit: boolean;
  onSave: (workspace: string | null) => void;
}) {
  const styles = useStyles();
  const [text, setText] = useState(workspace ?? '');
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(text.trim() || null);
      }}
    >
      <Field label="Workspace" hint="Name or resource id of the Log Analytics workspace that programs find alerts in">
        <Input value={text} readOnly={!mayEdit} maxLength={300} onChange={(_, data) => setText(data.value)} />
      </Field>
      {mayEdit && (
        <Button type="submit" disabled={text.trim() === (workspace ?? '')}>
          Save workspace
        </Button>
      )}
    </form>
  );
}

function ResourceGroups({
  groups,
  mayEdit,
  onChange,
}: {
  groups: readonly string[];
  mayEdit: boolean;
  onChange: (groups: readonly string[]) => void;
}) {
  const styles = useStyles();
  const [name, setName] = useState('');
  return (
    <form
      className={styles.stack}
      onSubmit={(event) => {
        event.preventDefault();
        onChange([...groups, name.trim()]);
        setName('');
      }}
    >
      <Text weight="semibold">Resource groups of the solution</Text>
      {groups.length === 0 ? (
        <Text className={styles.faint}>None yet.</Text>
      ) : (
        <TagGroup
          aria-label="Resource groups"
          {...(mayEdit
            ? { onDismiss: (_: unknown, { value }: { value: string }) => onChange(groups.filter((group) => group !== value)) }
            : {})}
        >
          {groups.map((group) => (
            <Tag key={group} value={group} dismissible={mayEdit} dismissIcon={{ 'aria-label': `Take away ${group}` }}>
              {group}
            </Tag>
          ))}
        </TagGroup>
      )}
      {mayEdit && (
        <div className={styles.form}>
          <Field label="Add a resource group">
            <Input value={name} maxLength={90} onChange={(_, data) => setName(data.value)} />
          </Field>
          <Button type="submit" disabled={name.trim() === '' || groups.includes(name.trim())}>
            Add
          </Button>
        </div>
      )}
    </form>
  );
}

function NotEvaluated({ security }: { security: HubSecurity }) {
  const styles = useStyles();
  const { unknownDevices, tooLate, noRoom, silentNotTold, findingsDropped, ignoredMessages } = security.notEvaluated;
  const number = (value: number): string => value.toLocaleString('en');
  return (
    <>
      <Text className={styles.faint}>Counted since the hub began to keep count. Zero everywhere is how it should be.</Text>
      <Facts
        facts={[
          ['Operations that name no device', number(unknownDevices)],
          ['Events of agents that came too late', number(tooLate)],
          ['Without room to count', number(noRoom)],
          ['Silent devices beyond what is told at once', number(silentNotTold)],
          ['Findings that found no room', number(findingsDropped)],
          ['Security messages that could not be read', number(ignoredMessages.count)],
          [
            'The last of them',
            ignoredMessages.last === null ? (
              ''
            ) : (
              <span key="last">
                {ignoredMessages.last.deviceId}, <DetectionTime at={ignoredMessages.last.time} />: {ignoredMessages.last.reason}
              </span>
            ),
          ],
        ]}
      />
    </>
  );
}
