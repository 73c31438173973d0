/** All rules as one text: to keep, to compare, to change and to bring in. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Link,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Spinner,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { fetchRuleText, importRules, problemsOf, type RuleImport, type RuleProblem } from '../api/rules.ts';
import { downloadText } from '../grid/download-text.ts';
import { useNotice } from '../shell/notices.tsx';

const useStyles = makeStyles({
  surface: { maxWidth: '900px' },
  content: { display: 'grid', gap: '12px' },
  text: {
    '& textarea': { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, minHeight: '42vh', maxHeight: '60vh' },
  },
  problems: { margin: 0, paddingLeft: '20px', display: 'grid', gap: '4px' },
  faint: { color: tokens.colorNeutralForeground3 },
});

export function RuleTextDialog({ mayEdit, onClose }: { mayEdit: boolean; onClose: () => void }) {
  const styles = useStyles();
  const notice = useNotice();
  const queries = useQueryClient();
  const area = useRef<HTMLTextAreaElement>(null);
  const now = useQuery({ queryKey: ['rules', 'text'], queryFn: fetchRuleText, staleTime: 0, gcTime: 0 });
  const [edited, setEdited] = useState<string | null>(null);
  const text = edited ?? now.data ?? '';
  const check = useMutation({ mutationFn: () => importRules(text, true) });
  const bring = useMutation({
    mutationFn: () => importRules(text, false),
    onSuccess: async (outcome) => {
      await queries.invalidateQueries({ queryKey: ['rules'] });
      notice({ intent: 'success', text: sentence(outcome, false) });
      onClose();
    },
  });
  const error = bring.error ?? check.error;
  const problems = problemsOf(error);
  const show = ({ line = 1, column = 1 }: RuleProblem) => {
    const at =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length +
      (line > 1 ? 1 : 0) +
      column -
      1;
    area.current?.focus();
    area.current?.setSelectionRange(at, at);
  };
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>Rules as text</DialogTitle>
          <DialogContent className={styles.content}>
            <Text className={styles.faint}>
              {mayEdit
                ? 'Importing makes the rules what the text says: a rule that is not in it is deleted.'
                : 'Your role does not include changing rules; the text can be kept.'}
            </Text>
            {now.isLoading ? (
              <Spinner label="Loading" />
            ) : (
              <Field label="Rules">
                <Textarea
                  className={styles.text}
                  textarea={{ ref: area, spellCheck: false }}
                  readOnly={!mayEdit}
                  value={text}
                  onChange={(_, data) => {
                    setEdited(data.value);
                    check.reset();
                    bring.reset();
                  }}
                />
              </Field>
            )}
            {(now.error ?? (error && problems.length === 0)) && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>{(now.error ?? error)?.message}</MessageBarBody>
              </MessageBar>
            )}
            {problems.length > 0 && (
              <ul className={styles.problems} role="alert" aria-label="What is wrong with the text">
                {problems.map((problem) => (
                  <li key={`${problem.line} ${problem.column} ${problem.part} ${problem.message}`}>
                    {problem.line !== undefined && (
                      <Link as="button" onClick={() => show(problem)}>{`Line ${problem.line}, column ${problem.column ?? 1}`}</Link>
                    )}{' '}
                    {problem.message}
                  </li>
                ))}
              </ul>
            )}
            {check.data && (
              <div role="status">
                <Text weight="semibold">{sentence(check.data, true)}</Text>
                <Changes outcome={check.data} />
              </div>
            )}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Close</Button>
            <Button disabled={now.data === undefined} onClick={() => downloadText('annunciator.rules', text)}>
              Download
            </Button>
            {mayEdit && (
              <>
                <Button disabled={check.isPending || now.data === undefined} onClick={() => check.mutate()}>
                  Check
                </Button>
                <Button appearance="primary" disabled={edited === null || bring.isPending} onClick={() => bring.mutate()}>
                  Import
                </Button>
              </>
            )}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Changes({ outcome }: { outcome: RuleImport }) {
  const styles = useStyles();
  const lines = [
    ...outcome.created.map((name) => `New: ${name}`),
    ...outcome.edited.map((name) => `Changed: ${name}`),
    ...outcome.removed.map((name) => `Deleted: ${name}`),
    ...(outcome.settings ? ['Time zone, working hours or groups'] : []),
  ];
  return (
    <ul className={styles.problems}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function sentence({ created, edited, removed, settings }: RuleImport, isDry: boolean): string {
  const count = created.length + edited.length + removed.length;
  if (count === 0 && !settings) return 'The text says what is in force: nothing would change.';
  const parts = `${created.length} new, ${edited.length} changed, ${removed.length} deleted`;
  return isDry ? `Nothing is wrong. Importing it: ${parts}.` : `Imported: ${parts}.`;
}
