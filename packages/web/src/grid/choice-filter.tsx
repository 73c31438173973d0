/** A filter as a pill: what it lets through, and a menu of its values with the number of rows each would leave. */
import {
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
  tokens,
} from '@fluentui/react-components';
import { ChevronDown16Regular } from '@fluentui/react-icons/svg/chevron-down';

const useStyles = makeStyles({
  pill: { borderRadius: '14px', height: '28px', minWidth: 0, maxWidth: '340px', fontWeight: tokens.fontWeightRegular },
  active: {
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
    border: '1px solid transparent',
    ':hover': { backgroundColor: tokens.colorBrandBackground2Hover, color: tokens.colorBrandForeground2 },
  },
  text: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
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
  return (
    <Menu checkedValues={{ [label]: [...chosen] }} onCheckedValueChange={(_, data) => onChange(data.checkedItems)}>
      <MenuTrigger disableButtonEnhancement>
        <Button
          size="small"
          className={`${styles.pill} ${chosen.length > 0 ? styles.active : ''}`}
          icon={<ChevronDown16Regular />}
          iconPosition="after"
          title={text}
        >
          <span className={styles.text}>{text}</span>
        </Button>
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
