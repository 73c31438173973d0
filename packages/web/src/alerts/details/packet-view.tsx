/** A packet taken apart: its headers and messages as a tree, and its bytes, in which a header field can be shown. */
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { DecodedPacket, PacketField } from '../../api/portal.ts';

const ROW = 16;

const useStyles = makeStyles({
  whole: { display: 'grid', gap: '12px', minWidth: 0 },
  tree: { border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusMedium, overflow: 'hidden' },
  layer: { borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, ':last-child': { borderBottomWidth: 0 } },
  summary: { padding: '7px 12px', cursor: 'pointer', fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase200 },
  fields: { display: 'grid', gridTemplateColumns: 'minmax(120px, max-content) minmax(0, 1fr)', padding: '0 8px 8px 24px', margin: 0 },
  field: {
    display: 'grid',
    gridTemplateColumns: 'subgrid',
    gridColumn: '1 / -1',
    columnGap: '16px',
    padding: '2px 8px',
    borderRadius: tokens.borderRadiusSmall,
    fontSize: tokens.fontSizeBase200,
  },
  pointed: { ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover } },
  name: { color: tokens.colorNeutralForeground3, fontWeight: tokens.fontWeightRegular },
  value: { margin: 0, fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
  notes: { margin: '0 12px 10px 24px', paddingLeft: '16px', color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
  bytes: {
    margin: 0,
    padding: '10px 12px',
    overflowX: 'auto',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    maxHeight: '260px',
    overflowY: 'auto',
  },
  offset: { color: tokens.colorNeutralForeground3 },
  marked: { backgroundColor: tokens.colorBrandBackground2, color: tokens.colorBrandForeground2, fontWeight: tokens.fontWeightSemibold },
  faint: { color: tokens.colorNeutralForeground3 },
});

export default function PacketView({ packet }: { packet: DecodedPacket }) {
  const styles = useStyles();
  const [pointed, setPointed] = useState<PacketField | null>(null);
  const cut = packet.captured < packet.length ? `, ${packet.captured} of them captured` : '';
  return (
    <div className={styles.whole}>
      <Text size={200} className={styles.faint}>
        Packet {packet.number} of the file{packet.frame === null ? '' : `, frame ${packet.frame} of the sensor`} · {packet.time} ·{' '}
        {packet.length} bytes
        {cut}
        {packet.problem === '' ? '' : ` · headers: ${packet.problem}`}
      </Text>
      <div className={styles.tree}>
        {packet.layers.map((layer) => (
          <details key={layer.name} className={styles.layer}>
            <summary className={styles.summary}>
              {layer.name} <span className={styles.name}>{summaryOf(layer)}</span>
            </summary>
            <dl className={styles.fields}>
              {layer.fields.map((field) => (
                <div
                  key={field.field}
                  className={mergeClasses(styles.field, styles.pointed)}
                  title={field.field}
                  onMouseEnter={() => setPointed(field)}
                  onMouseLeave={() => setPointed(null)}
                >
                  <dt className={styles.name}>{field.name}</dt>
                  <dd className={styles.value}>{field.value}</dd>
                </div>
              ))}
            </dl>
          </details>
        ))}
        {packet.messages.map((message, at) => (
          // Two messages of a packet may be the very same.
          <details key={`${at}/${message.operation}`} className={styles.layer} open>
            <summary className={styles.summary}>
              {message.protocol}{' '}
              <span className={styles.name}>
                {[message.operation, message.role === 'unknown' ? '' : message.role].filter((part) => part !== '').join(' · ')}
              </span>
            </summary>
            {message.fields.length > 0 && (
              <dl className={styles.fields}>
                {message.fields.map(({ field, value }, row) => (
                  <div key={`${row}/${field}`} className={styles.field}>
                    <dt className={styles.name}>{field}</dt>
                    <dd className={styles.value}>{value}</dd>
                  </div>
                ))}
              </dl>
            )}
            {message.notes.length > 0 && (
              <ul className={styles.notes}>
                {message.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            )}
          </details>
        ))}
      </div>
      {packet.messages.length === 0 && (
        <Text size={200} className={styles.faint}>
          {packet.payload >= packet.captured
            ? 'It carries no data of its own: the headers are what fired the alert.'
            : 'No message ends in this packet, or none that is read here.'}
        </Text>
      )}
      <Bytes packet={packet} pointed={pointed} />
    </div>
  );
}

/** Both ends of a header on one line. */
function summaryOf({ fields }: DecodedPacket['layers'][number]): string {
  const of = (name: string) => fields.find((field) => field.name === name)?.value;
  const source = of('Source') ?? of('Source port');
  const destination = of('Destination') ?? of('Destination port');
  return source && destination ? `${source} to ${destination}` : '';
}

function Bytes({ packet, pointed }: { packet: DecodedPacket; pointed: PacketField | null }) {
  const styles = useStyles();
  const bytes = packet.bytes.match(/../g) ?? [];
  const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, row) => bytes.slice(row * ROW, (row + 1) * ROW));
  const isMarked = (at: number) => pointed !== null && at >= pointed.offset && at < pointed.offset + pointed.length;
  return (
    <pre className={styles.bytes} aria-label="Bytes of the packet" tabIndex={0}>
      {rows.map((row, line) => (
        <span key={line * ROW}>
          <span className={styles.offset}>{(line * ROW).toString(16).padStart(4, '0')} </span>
          {row.map((byte, at) => (
            <span key={line * ROW + at}>
              {' '}
              <span className={isMarked(line * ROW + at) ? styles.marked : ''}>{byte}</span>
            </span>
          ))}
          {'   '.repeat(ROW - row.length)}
          {'  '}
          <span className={styles.faint}>{row.map(letterOf).join('')}</span>
          {'\n'}
        </span>
      ))}
      {packet.captured > bytes.length && (
        <span className={styles.faint}>… {packet.captured - bytes.length} more bytes are in the file</span>
      )}
    </pre>
  );
}

function letterOf(byte: string): string {
  const code = Number.parseInt(byte, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
}
