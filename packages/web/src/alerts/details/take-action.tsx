/** What to do about an alert: the steps, and Learn or Mute with what they would do. */
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { HatGraduation20Regular } from '@fluentui/react-icons/svg/hat-graduation';
import { SpeakerMute20Regular } from '@fluentui/react-icons/svg/speaker-mute';
import type { AlertDetails } from '../../api/alerts.ts';
import { useSession } from '../../session/session-gate.tsx';
import { Explained, MeaningButton } from '../../words/meanings.tsx';
import { ANSWER_MEANINGS, LEARN_OR_MUTE } from '../../words/word-help.ts';
import { Mono } from '../facts.tsx';
import type { AlertActions } from '../use-alert-actions.ts';

const useStyles = makeStyles({
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))', gap: '16px', alignItems: 'start' },
  card: { padding: '18px 20px 20px', borderRadius: tokens.borderRadiusLarge, border: `1px solid ${tokens.colorNeutralStroke2}` },
  heading: { margin: '0 0 14px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  explained: { display: 'flex', alignItems: 'baseline', gap: '6px' },
  steps: { margin: 0, paddingLeft: '22px', display: 'grid', gap: '10px', lineHeight: tokens.lineHeightBase400 },
  stack: { display: 'grid', gap: '16px' },
  text: { display: 'block', marginBottom: '14px', color: tokens.colorNeutralForeground2 },
  covers: { margin: '0 0 14px', paddingLeft: '20px', display: 'grid', gap: '4px', overflowWrap: 'anywhere' },
});

const SHOWN_ENTRIES = 12;

export function TakeAction({ alert, actions, onLearn }: { alert: AlertDetails; actions: AlertActions; onLearn: () => void }) {
  const styles = useStyles();
  return (
    <div className={styles.columns}>
      <section className={styles.card} aria-labelledby="steps">
        <h2 id="steps" className={styles.heading}>
          Remediation steps
        </h2>
        {alert.remediation.length > 0 ? (
          <ol className={styles.steps}>
            {alert.remediation.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        ) : (
          <Text className={styles.text}>
            There are no written steps for this type of alert: find out who caused the traffic and whether it was planned.
          </Text>
        )}
      </section>
      <div className={styles.stack}>
        <Learn alert={alert} actions={actions} onLearn={onLearn} />
        <Mute alert={alert} actions={actions} />
      </div>
    </div>
  );
}

function Learn({ alert, actions, onLearn }: { alert: AlertDetails; actions: AlertActions; onLearn: () => void }) {
  const styles = useStyles();
  const session = useSession();
  const learned = alert.disposition === 'learned';
  return (
    <section className={styles.card} aria-labelledby="learn">
      <div className={styles.explained}>
        <h2 id="learn" className={styles.heading}>
          Learn
        </h2>
        <MeaningButton label="What these answers mean" meanings={LEARN_OR_MUTE} />
      </div>
      {alert.whyNotLearn !== null && !learned ? (
        <Text className={styles.text}>{alert.whyNotLearn}</Text>
      ) : (
        <>
          <Text className={styles.text}>
            {learned ? 'Learned: this traffic is part of the baseline and raises no alert.' : ANSWER_MEANINGS.learn}
          </Text>
          {alert.learns.length > 0 && (
            <ul className={styles.covers} aria-label="What learning covers">
              {alert.learns.slice(0, SHOWN_ENTRIES).map((line) => (
                <li key={line}>
                  <Mono>{line}</Mono>
                </li>
              ))}
              {alert.learns.length > SHOWN_ENTRIES && <li>and {alert.learns.length - SHOWN_ENTRIES} more</li>}
            </ul>
          )}
          {learned ? (
            <Explained meaning={ANSWER_MEANINGS.unlearn}>
              <Button
                icon={<HatGraduation20Regular />}
                disabled={!session.may('alerts.unlearn')}
                onClick={() => void actions.act({ kind: 'unlearn' }, { rows: [alert] })}
              >
                Unlearn
              </Button>
            </Explained>
          ) : (
            <Button appearance="primary" icon={<HatGraduation20Regular />} disabled={!session.may('alerts.learn')} onClick={onLearn}>
              Learn
            </Button>
          )}
        </>
      )}
    </section>
  );
}

function Mute({ alert, actions }: { alert: AlertDetails; actions: AlertActions }) {
  const styles = useStyles();
  const session = useSession();
  const muted = alert.disposition === 'muted';
  return (
    <section className={styles.card} aria-labelledby="mute">
      <div className={styles.explained}>
        <h2 id="mute" className={styles.heading}>
          Mute
        </h2>
        <MeaningButton label="What these answers mean" meanings={LEARN_OR_MUTE} />
      </div>
      {alert.whyNotMute !== null && !muted ? (
        <Text className={styles.text}>{alert.whyNotMute}</Text>
      ) : (
        <>
          <Text className={styles.text}>
            {muted ? 'Muted: the same traffic between these devices raises no alert, but is not allowed traffic.' : ANSWER_MEANINGS.mute}
          </Text>
          <Explained meaning={muted ? ANSWER_MEANINGS.unmute : undefined}>
            <Button
              icon={<SpeakerMute20Regular />}
              disabled={!session.may(muted ? 'alerts.unmute' : 'alerts.mute')}
              onClick={() => void actions.act({ kind: muted ? 'unmute' : 'mute' }, { rows: [alert] })}
            >
              {muted ? 'Unmute' : 'Mute'}
            </Button>
          </Explained>
        </>
      )}
    </section>
  );
}
