/** Texts that are offered to everybody who comments on an alert, one a line. */
import { Button, Field, makeStyles, Spinner, Textarea } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { COMMENT_TEXTS, fetchCommentTexts, setCommentTexts } from '../api/portal.ts';
import { Card } from '../shell/card.tsx';
import { useNotice } from '../shell/notices.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '14px' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

export function CommentTextSettings() {
  const kept = useQuery({ queryKey: COMMENT_TEXTS, queryFn: fetchCommentTexts });
  return (
    <Card
      title="Texts for comments"
      lead="Whoever comments on an alert can choose one of them. Comments that were made stay as they are."
      error={kept.error}
    >
      {kept.isLoading && <Spinner label="Loading" />}
      {kept.data && <Form key={kept.data.texts.join('\n')} texts={kept.data.texts} />}
    </Card>
  );
}

function Form({ texts }: { texts: readonly string[] }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const notice = useNotice();
  const [draft, setDraft] = useState(texts.join('\n'));
  const lines = draft.split('\n').flatMap((line) => line.trim() || []);
  const isSame = lines.join('\n') === texts.join('\n');
  const save = useMutation({
    mutationFn: () => setCommentTexts(lines),
    onSuccess: (now) => {
      queries.setQueryData(COMMENT_TEXTS, now);
      notice({ intent: 'success', text: 'The texts for comments are saved.' });
    },
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field label="Texts" hint="One a line, in the order in which they are offered." validationMessage={save.error?.message ?? null}>
        <Textarea
          rows={Math.min(12, Math.max(4, lines.length + 1))}
          resize="vertical"
          value={draft}
          onChange={(_, { value }) => {
            save.reset();
            setDraft(value);
          }}
        />
      </Field>
      <div className={styles.actions}>
        <Button type="submit" appearance="primary" disabled={isSame || save.isPending}>
          Save
        </Button>
        <Button disabled={isSame} onClick={() => setDraft(texts.join('\n'))}>
          Discard
        </Button>
      </div>
    </form>
  );
}
