/** Edit columns: which columns the grid has and in which order, kept for the person. */
import { Button, makeStyles, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, tokens } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { ArrowDown16Regular } from '@fluentui/react-icons/svg/arrow-down';
import { ArrowUp16Regular } from '@fluentui/react-icons/svg/arrow-up';
import { Delete16Regular } from '@fluentui/react-icons/svg/delete';
import { ReOrderDotsVertical16Regular } from '@fluentui/react-icons/svg/re-order-dots-vertical';
import { type DragEvent, useState } from 'react';
import { DetailsPane } from '../grid/details-pane.tsx';
import { COLUMNS, columnLabel, DEFAULT_COLUMNS } from './columns.tsx';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '2px' },
  item: {
    display: 'grid',
    gridTemplateColumns: '20px minmax(0, 1fr) auto auto auto',
    alignItems: 'center',
    gap: '2px',
    minHeight: '36px',
    padding: '0 4px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  grip: { cursor: 'grab', color: tokens.colorNeutralForeground3, display: 'flex' },
  over: { boxShadow: `inset 0 2px 0 ${tokens.colorBrandStroke1}` },
  dragged: { opacity: 0.5 },
  menu: { maxHeight: '50vh', overflowY: 'auto' },
});

/** What an alert is called and how bad it is cannot be taken away. */
const ALWAYS = new Set(['severity', 'title']);

export interface EditColumnsPaneProps {
  readonly columns: readonly string[];
  onClose(): void;
  onSave(columns: readonly string[]): void;
}

export default function EditColumnsPane({ columns, onClose, onSave }: EditColumnsPaneProps) {
  const styles = useStyles();
  const [chosen, setChosen] = useState(columns);
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const others = COLUMNS.filter((column) => !chosen.includes(column.id));
  const place = (id: string, at: number) => {
    const rest = chosen.filter((other) => other !== id);
    setChosen([...rest.slice(0, at), id, ...rest.slice(at)]);
  };
  const drop = (event: DragEvent, target: string) => {
    event.preventDefault();
    if (dragged !== null && dragged !== target) place(dragged, chosen.filter((id) => id !== dragged).indexOf(target));
    setOver(null);
  };
  return (
    <DetailsPane
      label="Edit columns"
      contentLabel="Columns in their order"
      title="Edit columns"
      onClose={onClose}
      footer={
        <>
          <Button appearance="primary" onClick={() => onSave(chosen)}>
            Save
          </Button>
          <Button onClick={() => setChosen(DEFAULT_COLUMNS)}>Reset</Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button icon={<Add20Regular />} disabled={others.length === 0}>
            Add Column
          </Button>
        </MenuTrigger>
        <MenuPopover className={styles.menu}>
          <MenuList>
            {others.map(({ id, label }) => (
              <MenuItem key={id} onClick={() => setChosen([...chosen, id])}>
                {label}
              </MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <ul className={styles.list} aria-label="Columns of the grid">
        {chosen.map((id, at) => {
          const label = columnLabel(id);
          return (
            <li
              key={id}
              draggable
              className={`${styles.item} ${over === id && dragged !== id ? styles.over : ''} ${dragged === id ? styles.dragged : ''}`}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move';
                event.dataTransfer.setData('text/plain', id);
                setDragged(id);
              }}
              onDragOver={(event) => {
                event.preventDefault();
                setOver(id);
              }}
              onDragEnd={() => {
                setDragged(null);
                setOver(null);
              }}
              onDrop={(event) => drop(event, id)}
            >
              <span className={styles.grip} aria-hidden>
                <ReOrderDotsVertical16Regular />
              </span>
              <span>{label}</span>
              <Button
                size="small"
                appearance="subtle"
                icon={<ArrowUp16Regular />}
                aria-label={`Move ${label} up`}
                disabled={at === 0}
                onClick={() => place(id, at - 1)}
              />
              <Button
                size="small"
                appearance="subtle"
                icon={<ArrowDown16Regular />}
                aria-label={`Move ${label} down`}
                disabled={at === chosen.length - 1}
                onClick={() => place(id, at + 1)}
              />
              <Button
                size="small"
                appearance="subtle"
                icon={<Delete16Regular />}
                aria-label={`Remove ${label}`}
                disabled={ALWAYS.has(id)}
                onClick={() => setChosen(chosen.filter((other) => other !== id))}
              />
            </li>
          );
        })}
      </ul>
    </DetailsPane>
  );
}
