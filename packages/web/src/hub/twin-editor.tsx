/** The twin of a device or module: tags and desired properties to edit, reported properties beside them. */
import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowUndo20Regular } from '@fluentui/react-icons/svg/arrow-undo';
import { Save20Regular } from '@fluentui/react-icons/svg/save';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Refusal } from '../api/client.ts';
import { fetchTwin, type HubName, type HubTwin, type JsonSection, replaceTwin } from '../api/hub.ts';
import { JsonEditor } from '../editor/json-editor.tsx';
import { formatJson, parseObject } from '../editor/parse-json.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { Card } from '../shell/card.tsx';
import { Trouble } from '../shell/trouble.tsx';

const useStyles = makeStyles({
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 420px), 1fr))', gap: '16px', alignItems: 'start' },
  buttons: { display: 'flex', gap: '8px' },
  faint: { color: tokens.colorNeutralForeground3 },
});

/** What people edit: without what the hub writes by itself. */
function editable({ tags, properties }: HubTwin): string {
  return formatJson({ tags, properties: { desired: withoutMarks(properties.desired) } });
}

function withoutMarks({ $metadata: _metadata, $version: _version, ...rest }: JsonSection): JsonSection {
  return rest;
}

type Edited =
  | { readonly ok: true; readonly tags: JsonSection; readonly desired: JsonSection }
  | { readonly ok: false; readonly problem: string };

/** Reads what was edited, or says what is wrong with its shape. The hub judges names, depth and sizes. */
function readEdited(text: string): Edited {
  const twin = parseObject(text, 'The twin');
  if (!twin.ok) return twin;
  const strange = Object.keys(twin.value).find((name) => name !== 'tags' && name !== 'properties');
  if (strange !== undefined) return { ok: false, problem: `"${strange}" cannot be set here: a twin has tags and properties.` };
  const { tags = {}, properties = {} } = twin.value;
  if (!isSection(tags)) return { ok: false, problem: '"tags" must be an object.' };
  if (!isSection(properties)) return { ok: false, problem: '"properties" must be an object.' };
  const other = Object.keys(properties).find((name) => name !== 'desired');
  if (other !== undefined)
    return {
      ok: false,
      problem:
        other === 'reported'
          ? 'Reported properties are the device’s own: take "reported" away.'
          : `"properties.${other}" cannot be set here: only "desired" can.`,
    };
  const { desired = {} } = properties;
  if (!isSection(desired)) return { ok: false, problem: '"properties.desired" must be an object.' };
  return { ok: true, tags, desired };
}

function isSection(value: unknown): value is JsonSection {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function TwinEditor({ name }: { name: HubName }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const session = useSession();
  const notice = useNotice();
  const key = ['hub', 'twin', name.device, name.module];
  const { data, error } = useQuery({ queryKey: key, queryFn: () => fetchTwin(name), refetchInterval: 5000 });
  /** What is being edited, and the twin it began from; null while nothing is. */
  const [draft, setDraft] = useState<{ readonly text: string; readonly from: HubTwin } | null>(null);
  const save = useMutation({
    mutationFn: async ({ text, from }: { text: string; from: HubTwin }) => {
      const edited = readEdited(text);
      if (!edited.ok) throw new Error(edited.problem);
      return replaceTwin(name, edited.tags, edited.desired, from.etag);
    },
    onSuccess: (twin) => {
      queries.setQueryData(key, twin);
      setDraft(null);
      notice({ intent: 'success', text: 'The twin is saved.' });
      void queries.invalidateQueries({ queryKey: ['hub', 'devices'] });
    },
  });
  if (error && !data) return <Trouble error={error} />;
  if (!data) return <Spinner label="Loading" />;
  const mayEdit = session.may('hub.edit');
  const text = draft?.text ?? editable(data);
  const isChanged = draft !== null && draft.text !== editable(draft.from);
  const problem = isChanged ? readEdited(text) : undefined;
  const isConflict = save.error instanceof Refusal && save.error.status === 412;
  const revert = () => {
    save.reset();
    setDraft(null);
  };
  return (
    <div className={styles.columns}>
      <Card
        title="Tags and desired properties"
        aside={
          mayEdit && (
            <span className={styles.buttons}>
              <Button icon={<ArrowUndo20Regular />} disabled={!isChanged} onClick={revert}>
                Revert
              </Button>
              <Button
                appearance="primary"
                icon={<Save20Regular />}
                disabled={!isChanged || problem?.ok === false || save.isPending}
                onClick={() => draft && save.mutate(draft)}
              >
                Save
              </Button>
            </span>
          )
        }
      >
        <Text className={styles.faint}>
          Version {data.version}. Tags are seen by back ends only; the tag SecurityGroup says which custom alerts apply.
        </Text>
        {problem?.ok === false && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{problem.problem}</MessageBarBody>
          </MessageBar>
        )}
        {isConflict ? (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>Somebody else changed this twin.</MessageBarTitle>
              Your text was not saved. Load theirs, or copy yours first.
            </MessageBarBody>
            <MessageBarActions>
              <Button
                size="small"
                onClick={() => {
                  revert();
                  void queries.invalidateQueries({ queryKey: key });
                }}
              >
                Load theirs
              </Button>
            </MessageBarActions>
          </MessageBar>
        ) : (
          save.error && <Trouble error={save.error} />
        )}
        <JsonEditor
          label="Tags and desired properties"
          value={text}
          readOnly={!mayEdit}
          onChange={(changed) => {
            save.reset();
            setDraft({ text: changed, from: draft?.from ?? data });
          }}
        />
      </Card>
      <Card title="Reported properties">
        <Text className={styles.faint}>What the device says of itself. It follows by itself.</Text>
        <JsonEditor label="Reported properties" value={formatJson(withoutMarks(data.properties.reported))} readOnly />
      </Card>
    </div>
  );
}
