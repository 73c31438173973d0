/** Import: a table of devices, such as the export with some cells changed. What it would do is told before it is done. */
import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Select,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchStatus } from '../api/alerts.ts';
import { IMPORT_OUTCOMES, importDevices, type ImportOutcome, type ImportReport } from '../api/devices.ts';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '12px' },
  lines: { maxHeight: '200px', overflowY: 'auto', margin: 0, paddingLeft: '20px', color: tokens.colorNeutralForeground2 },
});
/** Lines that are told of at once. */
const MOST_TOLD = 200;

const WORDS: Readonly<Record<ImportOutcome, string>> = {
  changed: 'changed',
  unchanged: 'already as the table says',
  entered: 'entered as new',
  refused: 'refused',
};

export function ImportDialog({ onClose, onImported }: { onClose: () => void; onImported: () => void }) {
  const styles = useStyles();
  const [file, setFile] = useState<File | null>(null);
  const [create, setCreate] = useState(false);
  const [sensor, setSensor] = useState<string | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const { data: status } = useQuery({ queryKey: ['status'], queryFn: fetchStatus });
  const sensors = status?.sensors ?? [];
  const isDone = report !== null && !report.dryRun;
  const work = report ? report.counts.changed + report.counts.entered : 0;
  const run = async (dryRun: boolean, table: File, from = { create, sensor }) => {
    setIsBusy(true);
    setProblem(null);
    try {
      setReport(await importDevices(table, { dryRun, create: from.create, sensor: from.sensor ?? sensors[0]?.name ?? null }));
      if (!dryRun) onImported();
    } catch (error) {
      setReport(null);
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setIsBusy(false);
  };
  const told = report?.lines.filter(({ outcome }) => outcome !== 'unchanged') ?? [];
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Import devices</DialogTitle>
          <DialogContent className={styles.form}>
            <Text>
              A CSV table, such as the export with some cells changed. A line finds its device by Number, Device Id, IP Address or MAC
              Address; empty cells leave a field alone.
            </Text>
            <input
              type="file"
              accept=".csv,text/csv"
              aria-label="Table of devices"
              onChange={({ target }) => {
                const chosen = target.files?.[0] ?? null;
                setFile(chosen);
                setReport(null);
                if (chosen) void run(true, chosen);
              }}
            />
            <Checkbox
              label="Enter devices that nobody has seen"
              checked={create}
              disabled={isDone}
              onChange={(_, { checked }) => {
                const next = checked === true;
                setCreate(next);
                if (file) void run(true, file, { create: next, sensor });
              }}
            />
            {create && sensors.length > 1 && (
              <Field label="In the zone of the sensor">
                <Select
                  value={sensor ?? ''}
                  onChange={(_, { value }) => {
                    setSensor(value);
                    if (file) void run(true, file, { create, sensor: value });
                  }}
                >
                  {sensors.map(({ name }) => (
                    <option key={name}>{name}</option>
                  ))}
                </Select>
              </Field>
            )}
            {isBusy && <Spinner size="tiny" label="Reading the table" />}
            {problem !== null && (
              <MessageBar intent="error">
                <MessageBarBody>{problem}</MessageBarBody>
              </MessageBar>
            )}
            {report && !isBusy && (
              <div role="status">
                <Text weight="semibold">{isDone ? 'Done: ' : 'The import would leave: '}</Text>
                <Text>
                  {IMPORT_OUTCOMES.map((outcome) => `${report.counts[outcome].toLocaleString('en')} ${WORDS[outcome]}`).join(', ')}.
                </Text>
                <ul className={styles.lines} tabIndex={0} aria-label="Lines of the table">
                  {told.slice(0, MOST_TOLD).map(({ line, device, outcome, message }) => (
                    <li key={line}>{`Line ${line}${device === '' ? '' : `, ${device}`}: ${message || WORDS[outcome]}`}</li>
                  ))}
                  {told.length > MOST_TOLD && <li>{`${(told.length - MOST_TOLD).toLocaleString('en')} more lines.`}</li>}
                </ul>
              </div>
            )}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{isDone ? 'Close' : 'Cancel'}</Button>
            {!isDone && (
              <Button appearance="primary" disabled={!file || work === 0 || isBusy} onClick={() => file && void run(false, file)}>
                Import
              </Button>
            )}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
