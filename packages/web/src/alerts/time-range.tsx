/** The time range of the grid: the product's choices, and bounds of one's own. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Select,
} from '@fluentui/react-components';
import { useState } from 'react';
import { CUSTOM_RANGE, type GridAddress, type GridChange, RANGES } from './address.ts';

const useStyles = makeStyles({
  bounds: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(200px, 1fr))', gap: '16px' },
});

export interface TimeRangeProps {
  readonly address: GridAddress;
  readonly range: string;
  onChange(change: GridChange): void;
}

export function TimeRange({ address, range, onChange }: TimeRangeProps) {
  const [asks, setAsks] = useState(false);
  return (
    <>
      <Select
        aria-label="Time range"
        value={range}
        onChange={(_, data) => {
          if (data.value === CUSTOM_RANGE || data.value === EDIT) setAsks(true);
          else onChange({ range: data.value, from: null, to: null });
        }}
      >
        {RANGES.map(([hours, label]) => (
          <option key={hours} value={hours}>
            {`Time range: ${label}`}
          </option>
        ))}
        {range === CUSTOM_RANGE && <option value={CUSTOM_RANGE}>{`Time range: ${boundsText(address.from, address.to)}`}</option>}
        <option value={EDIT}>{range === CUSTOM_RANGE ? 'Other bounds…' : 'Custom…'}</option>
      </Select>
      {asks && (
        <Bounds address={address} onClose={() => setAsks(false)} onApply={(from, to) => onChange({ range: CUSTOM_RANGE, from, to })} />
      )}
    </>
  );
}

/** The choice that opens the form. */
const EDIT = 'edit';

function Bounds({
  address,
  onClose,
  onApply,
}: {
  address: GridAddress;
  onClose: () => void;
  onApply: (from: string | null, to: string | null) => void;
}) {
  const styles = useStyles();
  const [from, setFrom] = useState(() => localText(address.from ?? new Date(Date.now() - 86_400_000).toISOString()));
  const [to, setTo] = useState(() => localText(address.to));
  const wrong = from !== '' && to !== '' && from > to;
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface aria-label="Time range">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onApply(isoText(from), isoText(to));
            onClose();
          }}
        >
          <DialogBody>
            <DialogTitle>Time range</DialogTitle>
            <DialogContent>
              <p>
                Alerts whose last detection lies between these times, in the time zone of this computer ({zoneName()}). An empty field sets
                no bound.
              </p>
              <div className={styles.bounds}>
                <Field label="From">
                  <Input type="datetime-local" step={1} value={from} onChange={(_, data) => setFrom(data.value)} />
                </Field>
                <Field label="To" {...(wrong ? { validationMessage: 'This is before the other bound.' } : {})}>
                  <Input type="datetime-local" step={1} value={to} onChange={(_, data) => setTo(data.value)} />
                </Field>
              </div>
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" appearance="primary" disabled={wrong || (from === '' && to === '')}>
                Apply
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

function boundsText(from: string | null, to: string | null): string {
  const text = (at: string) =>
    new Date(at).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  if (from === null) return to === null ? 'All time' : `until ${text(to)}`;
  return to === null ? `since ${text(from)}` : `${text(from)} to ${text(to)}`;
}

/** A time as the form has it: local, without a zone. */
function localText(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function isoText(local: string): string | null {
  const at = Date.parse(local);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
