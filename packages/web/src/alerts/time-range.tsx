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
import { fieldInstant, fieldText, formatMinute, zoneName } from '../time/zone-time.ts';
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
  const [from, setFrom] = useState(() => fieldText(address.from ?? new Date(Date.now() - 86_400_000).toISOString(), 'second'));
  const [to, setTo] = useState(() => fieldText(address.to ?? '', 'second'));
  const wrong = from !== '' && to !== '' && from > to;
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface aria-label="Time range">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onApply(fieldInstant(from), fieldInstant(to));
            onClose();
          }}
        >
          <DialogBody>
            <DialogTitle>Time range</DialogTitle>
            <DialogContent>
              <p>Alerts whose last detection lies between these times, in the time of {zoneName()}. An empty field sets no bound.</p>
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
  if (from === null) return to === null ? 'All time' : `until ${formatMinute(to)}`;
  return to === null ? `since ${formatMinute(from)}` : `${formatMinute(from)} to ${formatMinute(to)}`;
}
