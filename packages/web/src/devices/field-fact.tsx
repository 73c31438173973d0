/** A field of a device that is changed where it stands: Enter saves, Escape leaves it, and it can be given back to what traffic says. */
import { Button, Link, makeStyles, tokens } from '@fluentui/react-components';
import { Edit16Regular } from '@fluentui/react-icons/svg/edit';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { formatTime } from '../time/zone-time.ts';
import type { DeviceDetails, EditableField } from '../api/devices.ts';
import { useSession } from '../session/session-gate.tsx';
import { changeOf, DEVICE_FIELDS, fieldPermission, FLAG_FIELDS } from './device-fields.ts';
import { FieldInput } from './field-input.tsx';
import type { DeviceActions } from './use-device-actions.ts';

const useStyles = makeStyles({
  shown: { display: 'flex', alignItems: 'center', gap: '4px', minHeight: '24px' },
  value: { minWidth: 0, overflowWrap: 'anywhere', whiteSpace: 'pre-line' },
  pencil: { minWidth: '24px', height: '24px', padding: 0 },
  form: { display: 'grid', gap: '6px', '& > :first-child': { minWidth: 0, width: '100%' } },
  buttons: { display: 'flex', gap: '6px' },
  said: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export interface FieldFactProps {
  readonly device: DeviceDetails;
  readonly field: EditableField;
  readonly actions: DeviceActions;
  /** How the value looks; its text when absent. */
  readonly children?: ReactNode;
}

export function FieldFact({ device, field, actions, children }: FieldFactProps) {
  const styles = useStyles();
  const session = useSession();
  const shown = useRef<HTMLSpanElement>(null);
  const facts = device.fields.find((one) => one.field === field);
  const [draft, setDraft] = useState<string | null>(null);
  const { label } = DEVICE_FIELDS[field];
  const mayEdit = session.may(fieldPermission(field));
  const value = facts?.value ?? '';
  const wasEdited = useRef(false);
  // Who leaves the input is where they came from.
  useEffect(() => {
    if (draft === null && wasEdited.current) shown.current?.querySelector('button')?.focus();
    wasEdited.current = draft !== null;
  }, [draft]);
  const leave = () => setDraft(null);
  const save = async () => {
    if (draft === null) return;
    if (draft.trim() === value) return leave();
    if (await actions.editOne(device, changeOf(field, draft))) leave();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') leave();
    else if (event.key === 'Enter' && (!event.shiftKey || DEVICE_FIELDS[field].kind !== 'lines')) void save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (draft !== null) {
    return (
      <form
        className={styles.form}
        aria-label={`Change ${label}`}
        onKeyDown={onKey}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <FieldInput field={field} value={draft} emptyWord="As the traffic says" autoFocus onChange={setDraft} />
        <span className={styles.buttons}>
          <Button size="small" appearance="primary" type="submit">
            Save
          </Button>
          <Button size="small" onClick={leave}>
            Cancel
          </Button>
        </span>
      </form>
    );
  }
  const isSaid = facts?.by !== undefined && facts.by !== null;
  const canGiveBack = mayEdit && isSaid && facts.told !== null && facts.told !== value && !FLAG_FIELDS.has(field);
  return (
    <>
      <span ref={shown} className={styles.shown}>
        <span className={styles.value}>{children ?? (value || '–')}</span>
        {mayEdit && (
          <Button
            appearance="subtle"
            size="small"
            className={styles.pencil}
            icon={<Edit16Regular />}
            aria-label={`Edit ${label}`}
            onClick={() => setDraft(editText(device, field, value))}
          />
        )}
      </span>
      {isSaid && (
        <span className={styles.said}>
          {`Set by ${facts.by}${facts.at === null ? '' : `, ${formatTime(facts.at)}`}`}
          {canGiveBack && (
            <>
              {`; the traffic says ${facts.told || 'nothing'}. `}
              <Link as="button" onClick={() => void actions.editOne(device, changeOf(field, ''))}>
                Use that
              </Link>
            </>
          )}
        </span>
      )}
    </>
  );
}

/** What the input begins with. */
function editText(device: DeviceDetails, field: EditableField, value: string): string {
  if (field === 'tags') return device.tags.join(', ');
  if (field === 'name') return device.name ?? '';
  return field === 'type' && device.type === null ? '' : value;
}
