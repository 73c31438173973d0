/** Devices whose events are shown, or left out, as a pill. */
import { Button, makeStyles, Popover, PopoverSurface, PopoverTrigger } from '@fluentui/react-components';
import { useState } from 'react';
import { usePill } from '../grid/use-pill.tsx';
import { DevicePicker, type Picked } from '../devices/device-picker.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '10px', width: '300px' },
  buttons: { display: 'flex', justifyContent: 'flex-end', gap: '8px' },
});

export interface DeviceFilterProps {
  readonly label: string;
  /** Ids of devices. */
  readonly ids: readonly string[];
  nameOf(id: string): string;
  onChange(ids: readonly string[], picked: readonly Picked[]): void;
}

export function DeviceFilter({ label, ids, nameOf, onChange }: DeviceFilterProps) {
  const styles = useStyles();
  const [picked, setPicked] = useState<readonly Picked[] | null>(null);
  const text = ids.length === 0 ? label : `${label}: ${ids.map(nameOf).join(', ')}`;
  const pill = usePill(text, ids.length > 0);
  const apply = (chosen: readonly Picked[]) => {
    setPicked(null);
    onChange(
      chosen.map(({ id }) => id),
      chosen,
    );
  };
  return (
    <Popover
      open={picked !== null}
      onOpenChange={(_, { open }) => setPicked(open ? ids.map((id) => ({ number: 0, id, title: nameOf(id) })) : null)}
      trapFocus
      positioning="below-start"
    >
      <PopoverTrigger disableButtonEnhancement>
        <Button {...pill} />
      </PopoverTrigger>
      <PopoverSurface aria-label={label}>
        {picked !== null && (
          <div className={styles.form}>
            <DevicePicker label={label} picked={picked} onChange={setPicked} />
            <div className={styles.buttons}>
              <Button onClick={() => apply([])}>Clear</Button>
              <Button appearance="primary" onClick={() => apply(picked)}>
                Apply
              </Button>
            </div>
          </div>
        )}
      </PopoverSurface>
    </Popover>
  );
}
