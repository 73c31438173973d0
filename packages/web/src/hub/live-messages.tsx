/** What devices send, as it comes: the newest on top, each opening to its properties and body. */
import { Button, makeStyles, mergeClasses, SearchBox, Text, tokens } from '@fluentui/react-components';
import { ChevronDown16Regular } from '@fluentui/react-icons/svg/chevron-down';
import { ChevronRight16Regular } from '@fluentui/react-icons/svg/chevron-right';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { Pause20Regular } from '@fluentui/react-icons/svg/pause';
import { Play20Regular } from '@fluentui/react-icons/svg/play';
import { useEffect, useEffectEvent, useState } from 'react';
import { Link as PageLink } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts, Mono } from '../alerts/facts.tsx';
import { type DeviceMessage, followMessages, pageOf } from '../api/hub.ts';

/** Messages that the page holds. */
const MOST_SHOWN = 300;

const useStyles = makeStyles({
  list: { display: 'grid', gap: '10px' },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px' },
  state: { color: tokens.colorNeutralForeground3, marginLeft: 'auto' },
  empty: { padding: '40px 0', textAlign: 'center', color: tokens.colorNeutralForeground3 },
  messages: { listStyle: 'none', margin: 0, padding: 0, borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  message: { borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  line: {
    display: 'grid',
    gridTemplateColumns: '20px 180px minmax(0, 1fr) auto',
    alignItems: 'center',
    gap: '10px',
    width: '100%',
    boxSizing: 'border-box',
    minHeight: '36px',
    padding: '4px 8px',
    border: 'none',
    background: 'none',
    color: 'inherit',
    font: 'inherit',
    fontSize: '13px',
    textAlign: 'left',
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
    '@media (max-width: 700px)': { gridTemplateColumns: '20px minmax(0, 1fr)', rowGap: 0 },
  },
  withDevice: {
    gridTemplateColumns: '20px 180px 180px minmax(0, 1fr) auto',
    '@media (max-width: 700px)': { gridTemplateColumns: '20px minmax(0, 1fr)' },
  },
  device: { fontWeight: tokens.fontWeightSemibold, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  time: { fontVariantNumeric: 'tabular-nums', color: tokens.colorNeutralForeground2 },
  preview: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  },
  bytes: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, whiteSpace: 'nowrap' },
  details: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) minmax(220px, 1fr)',
    gap: '20px',
    padding: '6px 12px 16px 38px',
    '@media (max-width: 900px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  body: {
    margin: 0,
    padding: '10px 12px',
    maxHeight: '360px',
    overflow: 'auto',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: '13px',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
});

export function LiveMessages({ device, module }: { device: string | null; module: string | null }) {
  const styles = useStyles();
  const [messages, setMessages] = useState<readonly DeviceMessage[]>([]);
  const [skipped, setSkipped] = useState(0);
  const [waiting, setWaiting] = useState<readonly DeviceMessage[] | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  const [find, setFind] = useState('');
  const take = useEffectEvent((fresh: readonly DeviceMessage[]) => {
    const own = module === null ? fresh : fresh.filter((message) => message.moduleId === module);
    if (own.length === 0) return;
    const onTop = (list: readonly DeviceMessage[]) => [...own.toReversed(), ...list].slice(0, MOST_SHOWN);
    // While somebody reads, nothing moves under the hand.
    if (waiting) setWaiting(onTop(waiting));
    else setMessages(onTop);
  });
  useEffect(() => {
    setMessages([]);
    // Messages of one moment become one change of the page.
    let fresh: DeviceMessage[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = followMessages(device, {
      onMessage: (message) => {
        fresh.push(message);
        timer ??= setTimeout(() => {
          timer = undefined;
          take(fresh);
          fresh = [];
        }, 50);
      },
      onSkipped: (count) => setSkipped((before) => before + count),
      onState: setOpen,
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [device]);
  const resume = () => {
    setMessages((shown) => [...(waiting ?? []), ...shown].slice(0, MOST_SHOWN));
    setWaiting(null);
  };
  const wanted = find.toLowerCase();
  const shown = wanted === '' ? messages : messages.filter((message) => textOf(message).includes(wanted));
  const number = shown.length === 1 ? '1 message' : `${shown.length} messages`;
  return (
    <div className={styles.list}>
      <div className={styles.tools}>
        {waiting ? (
          <Button icon={<Play20Regular />} onClick={resume}>
            {waiting.length === 0 ? 'Resume' : `Resume (${waiting.length} new)`}
          </Button>
        ) : (
          <Button icon={<Pause20Regular />} onClick={() => setWaiting([])}>
            Pause
          </Button>
        )}
        <Button
          icon={<Delete20Regular />}
          onClick={() => {
            setMessages([]);
            setSkipped(0);
          }}
        >
          Clear
        </Button>
        <SearchBox
          placeholder="Find in these messages"
          aria-label="Find in these messages"
          value={find}
          onChange={(_, data) => setFind(data.value)}
        />
        <Text className={styles.state} role="status">
          {isOpen ? (waiting ? 'Paused' : 'Live') : 'Connecting …'} · {number}
          {skipped > 0 && `, ${skipped.toLocaleString('en')} more came too fast to be shown`}
        </Text>
      </div>
      {shown.length === 0 ? (
        <Text className={styles.empty}>
          {messages.length > 0 ? 'No message matches.' : 'No message yet. What devices send appears here as the hub accepts it.'}
        </Text>
      ) : (
        <ul className={styles.messages} aria-label="Messages">
          {shown.map((message) => {
            const isShown = opened === message.id;
            return (
              <li key={message.id} className={styles.message}>
                <button
                  type="button"
                  className={mergeClasses(styles.line, device === null && styles.withDevice)}
                  aria-expanded={isShown}
                  onClick={() => setOpened(isShown ? null : message.id)}
                >
                  {isShown ? <ChevronDown16Regular aria-hidden /> : <ChevronRight16Regular aria-hidden />}
                  <span className={styles.time}>
                    <DetectionTime at={message.enqueued} />
                  </span>
                  {device === null && <span className={styles.device}>{nameOf(message)}</span>}
                  <span className={styles.preview}>{previewOf(message)}</span>
                  <span className={styles.bytes}>{message.body.bytes.toLocaleString('en')} B</span>
                </button>
                {isShown && <MessageDetails message={message} />}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

function MessageDetails({ message }: { message: DeviceMessage }) {
  const styles = useStyles();
  const { body, system, application } = message;
  return (
    <div className={styles.details}>
      <pre className={styles.body} tabIndex={0} aria-label="Body">
        {body.kind === 'json' && !body.cut
          ? JSON.stringify(JSON.parse(body.text), null, 2)
          : body.kind === 'empty'
            ? '(no body)'
            : body.text}
        {body.cut && '\n… the rest is not shown'}
      </pre>
      <Facts
        facts={[
          [
            'Device',
            <PageLink key="device" to={pageOf({ device: message.deviceId, module: message.moduleId })} style={{ color: 'inherit' }}>
              {nameOf(message)}
            </PageLink>,
          ],
          ['Protocol', message.protocol ?? ''],
          ['Body', body.kind === 'binary' ? 'Bytes, shown in base64' : body.kind === 'json' ? 'JSON' : 'Text'],
          ...Object.entries(system).map(([name, value]) => [name, <Mono key={name}>{value}</Mono>] as const),
          ...Object.entries(application).map(([name, value]) => [name, <Mono key={name}>{value ?? ''}</Mono>] as const),
        ]}
      />
    </div>
  );
}

function nameOf({ deviceId, moduleId }: DeviceMessage): string {
  return moduleId === null ? deviceId : `${deviceId}/${moduleId}`;
}

function previewOf({ body }: DeviceMessage): string {
  return body.kind === 'empty' ? '(no body)' : body.text.slice(0, 300).replaceAll(/\s+/g, ' ');
}

function textOf(message: DeviceMessage): string {
  return [nameOf(message), message.body.text, ...Object.entries(message.application).flat(), ...Object.values(message.system)]
    .join('\n')
    .toLowerCase();
}
