/** A rule is made or changed: the form at the left, a test against history at the right. */
import { Button, makeStyles, MessageBar, MessageBarBody, Spinner, Text, Title3, tokens } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import {
  changeRule,
  createRule,
  fetchRule,
  fetchRuleChoices,
  fetchRuleSettings,
  problemsOf,
  refusalText,
  type Rule,
  type RuleChoices,
  type RuleProblem,
} from '../api/rules.ts';
import { useNotice } from '../shell/notices.tsx';
import { RuleEditor } from './rule-editor.tsx';
import { draftOf, formOf, NEW_RULE, type RuleForm } from './rule-form.ts';
import { RuleSettingsDialog } from './rule-settings-dialog.tsx';
import { TrialPanel } from './trial-panel.tsx';

const useStyles = makeStyles({
  page: { height: '100%', display: 'grid', gridTemplateRows: 'auto minmax(0, 1fr) auto', minHeight: 0 },
  heading: { padding: '14px 20px 10px' },
  body: { overflowY: 'auto', borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 760px) minmax(260px, 420px)',
    columnGap: '40px',
    rowGap: '28px',
    padding: '20px 20px 32px',
    '@media (max-width: 1000px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  footer: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '8px 12px',
    padding: '12px 20px',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  message: { flex: '1 1 300px', minWidth: 0 },
});

export function Page() {
  const { id } = useParams();
  const [params] = useSearchParams();
  const copied = params.get('copy');
  const from = id ?? copied;
  const rule = useQuery({ queryKey: ['rules', 'one', from], queryFn: () => fetchRule(from ?? ''), enabled: from !== null, staleTime: 0 });
  const choices = useQuery({ queryKey: ['rules', 'fields'], queryFn: fetchRuleChoices, staleTime: Number.POSITIVE_INFINITY });
  const title = id === undefined ? 'Create rule' : 'Edit rule';
  useEffect(() => {
    document.title = `${title} · Annunciator`;
  }, [title]);
  const error = rule.error ?? choices.error;
  if (error) return <Text style={{ padding: 20 }}>{error.message}</Text>;
  if (!choices.data || (from !== null && (!rule.data || rule.isFetching))) return <Spinner style={{ height: '100%' }} label="Loading" />;
  return <Editor key={from ?? ''} title={title} id={id} choices={choices.data} initial={initialOf(rule.data, id === undefined)} />;
}

function initialOf(rule: Rule | undefined, isNew: boolean): RuleForm {
  if (!rule) return NEW_RULE;
  const form = formOf(rule);
  return isNew ? { ...form, name: `${form.name} (copy)` } : form;
}

function Editor({ title, id, choices, initial }: { title: string; id: string | undefined; choices: RuleChoices; initial: RuleForm }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const notice = useNotice();
  const queries = useQueryClient();
  const [form, setForm] = useState(initial);
  const [problems, setProblems] = useState<readonly RuleProblem[]>([]);
  const [defining, setDefining] = useState(false);
  const settings = useQuery({ queryKey: ['rules', 'settings'], queryFn: fetchRuleSettings });
  const fields = choices.protocols.find((protocol) => protocol.id === form.protocol)?.fields ?? [];
  const groups = new Set([...choices.groups.map(({ name }) => name), ...Object.keys(settings.data?.groups ?? {})]);
  const draft = () => draftOf(form, new Map(fields.map((field) => [field.name, field])), groups);
  const isDirty = form !== initial;
  useEffect(() => {
    if (!isDirty) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isDirty]);
  const save = useMutation({
    mutationFn: () => (id === undefined ? createRule(draft()) : changeRule(id, draft())),
    onSuccess: async (saved) => {
      notice({ intent: 'success', text: `The rule “${saved.name}” is ${saved.enabled ? 'in force' : 'saved and switched off'}.` });
      await queries.invalidateQueries({ queryKey: ['rules', 'list'] });
      void navigate(`/rules?${new URLSearchParams({ open: saved.id })}`);
    },
    onError: (error) => setProblems(problemsOf(error)),
  });
  return (
    <form
      className={styles.page}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <div className={styles.heading}>
        <Title3 as="h1">{title}</Title3>
      </div>
      <div className={styles.body} tabIndex={0} role="region" aria-label="Rule">
        <div className={styles.columns}>
          <RuleEditor
            form={form}
            choices={choices}
            settings={settings.data}
            fields={fields}
            problems={problems}
            onChange={(change) => setForm((before) => ({ ...before, ...change }))}
            onDefine={() => setDefining(true)}
          />
          <TrialPanel what={() => ({ rule: draft() })} onProblems={setProblems} />
        </div>
      </div>
      <div className={styles.footer}>
        <Button type="submit" appearance="primary" disabled={save.isPending}>
          Save
        </Button>
        <Button onClick={() => void navigate('/rules')}>Cancel</Button>
        {save.error && (
          <MessageBar intent="error" layout="multiline" className={styles.message}>
            <MessageBarBody>{refusalText(save.error)}</MessageBarBody>
          </MessageBar>
        )}
      </div>
      {defining && settings.data && <RuleSettingsDialog settings={settings.data} onClose={() => setDefining(false)} />}
    </form>
  );
}
