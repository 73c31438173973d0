/** Devices whose events are shown, or left out, as a pill. */
import { Button, makeStyles, Popover, PopoverSurface, PopoverTrigger, tokens } from '@fluentui/react-components';
import { ChevronDown16Regular } from '@fluentui/react-icons/svg/chevron-down';
import { useState } from 'react';
import { DevicePicker, type Picked } from '../devices/device-picker.tsx';

const useStyles = makeStyles({
  pill: { borderRadius: '14px', height: '28px', minWidth: 0, maxWidth: '300px', fontWeight: tokens.fontWeightRegular },
  active: {
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
    border: '1px solid transparent',
    ':hover': { backgroundColor: tokens.colorBrandBackground2Hover, color: tokens.colorBrandForeground2 },
  },
  text: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
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
        <Button
          size="small"
          className={`${styles.pill} ${ids.length > 0 ? styles.active : ''}`}
          icon={<ChevronDown16Regular />}
          iconPosition="after"
          title={text}
        >
          <span className={styles.text}>{text}</span>
        </Button>
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
