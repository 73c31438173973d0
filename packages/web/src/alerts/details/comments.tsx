/** What people say about an alert, and what was decided about it. */
import { Button, Field, Link, makeStyles, Select, Spinner, Text, Textarea, tokens } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { type AlertDetails, type AlertDecision, fetchHistory } from '../../api/alerts.ts';
import { addComment, COMMENT_TEXTS, fetchComments, fetchCommentTexts } from '../../api/portal.ts';
import { useSession } from '../../session/session-gate.tsx';
import { useNotice } from '../../shell/notices.tsx';
import { changedText } from '../action-words.ts';
import { DetectionTime } from '../detection-time.tsx';
import { Card } from '../../shell/card.tsx';
import { useColumnStyles } from './column-styles.ts';

const LONGEST = 2000;

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '14px' },
  who: { display: 'flex', gap: '10px', alignItems: 'baseline', flexWrap: 'wrap' },
  at: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  text: { margin: '2px 0 0', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  form: { display: 'grid', gap: '10px', marginTop: '18px' },
  send: { justifySelf: 'start' },
  offered: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px 16px' },
});

export function Comments({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const session = useSession();
  const { data: comments, error } = useQuery({ queryKey: ['comments', alert.id], queryFn: () => fetchComments(alert.id) });
  return (
    <div className={columns.columns}>
      <Card title="Comments">
        {error && <Text className={columns.text}>{error.message}</Text>}
        {!comments && !error && <Spinner size="tiny" label="Loading" />}
        {comments?.length === 0 && <Text className={columns.text}>Nobody has said anything yet.</Text>}
        <ul className={styles.list} aria-label="Comments of the alert">
          {comments?.map(({ number, at, who, text }) => (
            <li key={number}>
              <div className={styles.who}>
                <Text weight="semibold">{who}</Text>
                <span className={styles.at}>
                  <DetectionTime at={at} />
                </span>
              </div>
              <p className={styles.text}>{text}</p>
            </li>
          ))}
        </ul>
        {session.may('alerts.comment') && <Say id={alert.id} />}
      </Card>
      <History alert={alert} />
    </div>
  );
}

function Say({ id }: { id: string }) {
  const styles = useStyles();
  const session = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const notice = useNotice();
  const [text, setText] = useState('');
  const [sending, setSending] = useState(false);
  const { data } = useQuery({ queryKey: COMMENT_TEXTS, queryFn: fetchCommentTexts });
  const texts = data?.texts ?? [];
  const send = async () => {
    setSending(true);
    try {
      await addComment(id, text.trim());
      setText('');
      await queries.invalidateQueries({ queryKey: ['comments', id] });
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
    }
    setSending(false);
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className={styles.offered}>
        {texts.length > 0 && (
          <Select aria-label="Choose comment" value="" onChange={(_, chosen) => setText(chosen.value)}>
            <option value="">Choose comment…</option>
            {texts.map((offered) => (
              <option key={offered} value={offered}>
                {offered}
              </option>
            ))}
          </Select>
        )}
        {session.may('commentTexts.edit') && (
          <Link as="button" type="button" onClick={() => void navigate('/settings')}>
            {texts.length > 0 ? 'Edit the texts' : 'Offer texts to choose from'}
          </Link>
        )}
      </div>
      <Field label="Comment" hint="It stays as it is, with your name and the time.">
        <Textarea value={text} maxLength={LONGEST} resize="vertical" onChange={(_, typed) => setText(typed.value)} />
      </Field>
      <Button type="submit" appearance="primary" className={styles.send} disabled={sending || text.trim() === ''}>
        Add
      </Button>
    </form>
  );
}

function History({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const { data, error, isPending } = useQuery({
    queryKey: ['alert', alert.id, 'history', alert.revision],
    queryFn: () => fetchHistory(alert.id),
  });
  return (
    <Card title="History">
      {isPending && <Spinner size="tiny" label="Loading" />}
      {error && <Text>{error.message}</Text>}
      {data && (
        <ul className={styles.list} aria-label="History of the alert">
          {data.map((decision) => (
            <li key={decision.revision}>
              <div className={styles.who}>
                <Text weight="semibold">{decision.who ?? 'The system'}</Text>
                <span className={styles.at}>
                  <DetectionTime at={decision.at} />
                </span>
              </div>
              <p className={styles.text}>{decisionText(decision)}</p>
            </li>
          ))}
          <li>
            <div className={styles.who}>
              <Text weight="semibold">{alert.sensor}</Text>
              <span className={styles.at}>
                <DetectionTime at={alert.firstDetection} />
              </span>
            </div>
            <p className={styles.text}>Raised.{alert.count > 1 ? ` Seen ${alert.count.toLocaleString('en')} times in all.` : ''}</p>
          </li>
        </ul>
      )}
    </Card>
  );
}

const WHY: Readonly<Record<string, string>> = {
  'alert.quiet': ', as the same traffic was not seen for long',
  'alert.resolved': ', as what it reported has ended',
  'alert.undo': ', by undoing',
};

function decisionText({ action, before, after, job }: AlertDecision): string {
  const text = changedText(before, after);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${WHY[action] ?? ''}${job === null ? '' : ', together with others'}.`;
}
