/** A filter as a pill: what it lets through, and a menu of its values with the number of rows each would leave. */
import { Button, makeStyles, Menu, MenuItem, MenuItemCheckbox, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import { usePill } from './use-pill.tsx';

const useStyles = makeStyles({
  menu: { maxHeight: '60vh', overflowY: 'auto' },
});

export interface Choice {
  readonly value: string;
  readonly label?: string;
  readonly count?: number;
}

export interface ChoiceFilterProps {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  onChange(chosen: readonly string[]): void;
}

export function ChoiceFilter({ label, choices, chosen, onChange }: ChoiceFilterProps) {
  const styles = useStyles();
  // A value that is chosen by now and matches nothing any more can still be taken out.
  const gone = chosen.filter((value) => !choices.some((choice) => choice.value === value)).map((value): Choice => ({ value, count: 0 }));
  const all = [...choices, ...gone];
  const word = (value: string) => all.find((choice) => choice.value === value)?.label ?? (value || '(none)');
  const text = chosen.length === 0 ? label : `${label}: ${chosen.map(word).join(', ')}`;
  const pill = usePill(text, chosen.length > 0);
  return (
    <Menu checkedValues={{ [label]: [...chosen] }} onCheckedValueChange={(_, data) => onChange(data.checkedItems)}>
      <MenuTrigger disableButtonEnhancement>
        <Button {...pill} />
      </MenuTrigger>
      <MenuPopover className={styles.menu}>
        <MenuList>
          {all.map(({ value, count }) => (
            <MenuItemCheckbox
              key={value}
              name={label}
              value={value}
              secondaryContent={count === undefined ? null : count.toLocaleString('en')}
            >
              {word(value)}
            </MenuItemCheckbox>
          ))}
          {chosen.length > 0 && <MenuItem onClick={() => onChange([])}>Clear</MenuItem>}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
