/** Custom alerts: choose groups, add alerts, edit, disable and delete them, and save all changes together. */
import {
  Button,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { ArrowUndo20Regular } from '@fluentui/react-icons/svg/arrow-undo';
import { Save20Regular } from '@fluentui/react-icons/svg/save';
import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Dispatch, type SetStateAction, useState } from 'react';
import { Refusal } from '../../api/client.ts';
import {
  fetchGroup,
  fetchGroups,
  fetchRuleTypes,
  type SecurityGroup,
  type SecurityGroupDetails,
  saveGroups,
} from '../../api/hub-security.ts';
import { useSession } from '../../session/session-gate.tsx';
import { useNotice } from '../../shell/notices.tsx';
import { Card } from '../../shell/card.tsx';
import { AlertDialog } from './alert-dialog.tsx';
import { changesIn, type Draft, listRules, NO_DRAFT, putRule, removeRule, type RuleInGroup, rulesOf, savesOf } from './draft.ts';
import { GroupTable } from './group-table.tsx';
import { RuleTable } from './rule-table.tsx';
import { Trouble } from '../../shell/trouble.tsx';

const LOOK_AGAIN = 15_000;

const useStyles = makeStyles({
  stack: { display: 'grid', gap: '16px' },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px' },
  unsaved: { color: tokens.colorNeutralForeground2 },
  newGroup: { display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'end' },
});

export interface CustomAlertsProps {
  readonly draft: Draft;
  readonly setDraft: Dispatch<SetStateAction<Draft>>;
}

export function CustomAlerts({ draft, setDraft }: CustomAlertsProps) {
  const styles = useStyles();
  const session = useSession();
  const notice = useNotice();
  const queries = useQueryClient();
  const mayEdit = session.may('customRules.edit');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(['default']));
  /** Groups that only this page knows yet. */
  const [invented, setInvented] = useState<readonly string[]>([]);
  const [dialog, setDialog] = useState<RuleInGroup | 'add' | null>(null);
  const types = useQuery({ queryKey: ['hub', 'rule-types'], queryFn: fetchRuleTypes, staleTime: Number.POSITIVE_INFINITY });
  const list = useQuery({ queryKey: ['hub', 'security-groups'], queryFn: fetchGroups, refetchInterval: LOOK_AGAIN });
  const groups = withInvented(list.data ?? [], invented);
  const wanted = groups.filter(({ name }) => chosen.has(name)).map(({ name }) => name);
  const details = useQueries({
    queries: wanted.map((name) => ({ queryKey: ['hub', 'security-group', name], queryFn: () => fetchGroup(name) })),
  });
  const loaded = details.flatMap(({ data }) => data ?? []);
  const rules = listRules(draft, loaded);
  const save = useMutation({
    mutationFn: () => saveGroups(savesOf(draft)),
    onSuccess: async (saved) => {
      for (const group of saved) queries.setQueryData(['hub', 'security-group', group.name], group);
      setDraft(NO_DRAFT);
      setInvented((names) => names.filter((name) => !saved.some((group) => group.name === name)));
      notice({ intent: 'success', text: saved.length === 1 ? `${saved[0]?.name} is saved.` : `${saved.length} groups are saved.` });
      await queries.invalidateQueries({ queryKey: ['hub', 'security-groups'] });
    },
  });
  const discard = () => {
    save.reset();
    setDraft(NO_DRAFT);
    void queries.invalidateQueries({ queryKey: ['hub', 'security-group'] });
  };
  const change = (next: Draft) => {
    save.reset();
    setDraft(next);
  };
  const groupOf = (name: string): SecurityGroupDetails[] => loaded.filter((group) => group.name === name);

  const trouble = list.error ?? types.error ?? details.find(({ error }) => error)?.error;
  if (trouble && !list.data) return <Trouble error={trouble} />;
  if (!list.data || !types.data) return <Spinner label="Loading" />;
  const changes = changesIn(draft);
  const isConflict = save.error instanceof Refusal && save.error.status === 412;
  return (
    <div className={styles.stack}>
      <Card
        title="Security groups"
        aside={
          <span className={styles.bar}>
            {changes > 0 && (
              <Text className={styles.unsaved} role="status">
                {changes === 1 ? '1 unsaved change' : `${changes} unsaved changes`}
              </Text>
            )}
            {mayEdit && (
              <>
                <Button icon={<ArrowUndo20Regular />} disabled={changes === 0 || save.isPending} onClick={discard}>
                  Discard
                </Button>
                <Button
                  appearance="primary"
                  icon={<Save20Regular />}
                  disabled={changes === 0 || save.isPending}
                  onClick={() => save.mutate()}
                >
                  SAVE
                </Button>
              </>
            )}
          </span>
        }
      >
        {save.error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>Nothing was saved.</MessageBarTitle>
              {save.error.message}
            </MessageBarBody>
            {isConflict && (
              <MessageBarActions>
                <Button size="small" onClick={discard}>
                  Discard mine, load theirs
                </Button>
              </MessageBarActions>
            )}
          </MessageBar>
        )}
        <GroupTable
          groups={groups}
          chosen={chosen}
          unsaved={new Set(draft.keys())}
          onChoose={(name, isChosen) =>
            setChosen((before) => new Set(isChosen ? [...before, name] : [...before].filter((one) => one !== name)))
          }
        />
        {mayEdit && (
          <NewGroup
            taken={groups}
            onAdd={(name) => {
              setInvented((names) => [...names, name]);
              setChosen(new Set([name]));
            }}
          />
        )}
      </Card>
      <Card
        title={wanted.length === 0 ? 'Custom alerts' : `Custom alerts of ${wanted.join(', ')}`}
        aside={
          mayEdit && (
            <Button
              icon={<Add20Regular />}
              disabled={wanted.length === 0 || loaded.length < wanted.length}
              onClick={() => setDialog('add')}
            >
              Add a custom alert
            </Button>
          )
        }
      >
        {wanted.length === 0 ? (
          <Text className={styles.unsaved}>Choose one or several security groups above.</Text>
        ) : (
          <RuleTable
            rules={rules}
            ruleTypes={types.data.ruleTypes}
            mayEdit={mayEdit}
            onEdit={setDialog}
            onToggle={({ group, rule }) => change(putRule(draft, groupOf(group), { ...rule, isEnabled: !rule.isEnabled }))}
            onDelete={({ group, rule }) => {
              const [details] = groupOf(group);
              if (details) change(removeRule(draft, details, rule.ruleType));
            }}
          />
        )}
      </Card>
      {dialog !== null && (
        <AlertDialog
          ruleTypes={types.data.ruleTypes}
          timeWindows={types.data.timeWindows}
          groups={dialog === 'add' ? wanted : [dialog.group]}
          editing={dialog === 'add' ? null : dialog}
          taken={new Set(loaded.flatMap((group) => rulesOf(draft, group).map(({ ruleType }) => ruleType)))}
          names={namesIn(draft, dialog === 'add' ? loaded : groupOf(dialog.group), dialog === 'add' ? null : dialog.rule.ruleType)}
          onClose={() => setDialog(null)}
          onOk={(rule) => {
            change(putRule(draft, dialog === 'add' ? loaded : groupOf(dialog.group), rule));
            setDialog(null);
          }}
        />
      )}
    </div>
  );
}

/** Names that alerts of the groups have, but for one rule type. */
function namesIn(draft: Draft, groups: readonly SecurityGroupDetails[], except: string | null): ReadonlySet<string> {
  const rules = groups.flatMap((group) => rulesOf(draft, group)).filter(({ ruleType }) => ruleType !== except);
  return new Set(rules.flatMap(({ alertName }) => alertName ?? []));
}

const NO_ALERTS = { High: 0, Medium: 0, Low: 0, Informational: 0 };

function withInvented(groups: readonly SecurityGroup[], invented: readonly string[]): readonly SecurityGroup[] {
  const fresh = invented.filter((name) => !groups.some((group) => isSameName(group.name, name)));
  const empty = { version: null, savedAt: null, savedBy: null, devices: { total: 0, enabled: 0 }, rules: { enabled: 0, set: 0 } };
  return [...groups, ...fresh.map((name): SecurityGroup => ({ name, ...empty, openAlerts: NO_ALERTS, meant: null }))];
}

function isSameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

/** Rules may be written before the first device has the tag. */
function NewGroup({ taken, onAdd }: { taken: readonly SecurityGroup[]; onAdd: (name: string) => void }) {
  const styles = useStyles();
  const [name, setName] = useState('');
  const isTaken = taken.some((group) => isSameName(group.name, name));
  return (
    <form
      className={styles.newGroup}
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(name.trim());
        setName('');
      }}
    >
      <Field label="Another security group" {...(isTaken ? { validationMessage: 'It is in the list already.' } : {})}>
        <Input value={name} maxLength={128} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Button type="submit" icon={<Add20Regular />} disabled={name.trim() === '' || isTaken}>
        Add group
      </Button>
    </form>
  );
}
