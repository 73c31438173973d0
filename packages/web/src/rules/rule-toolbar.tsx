/** What can be done with rules: make, switch, delete, test, and all of them as text. */
import { ToolbarButton, ToolbarDivider } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { Beaker20Regular } from '@fluentui/react-icons/svg/beaker';
import { CalendarClock20Regular } from '@fluentui/react-icons/svg/calendar-clock';
import { Checkmark20Regular } from '@fluentui/react-icons/svg/checkmark';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { DocumentText20Regular } from '@fluentui/react-icons/svg/document-text';
import { Prohibited20Regular } from '@fluentui/react-icons/svg/prohibited';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { fetchRuleSettings, type Rule } from '../api/rules.ts';
import { DeleteRulesDialog } from './delete-rules-dialog.tsx';
import { RuleSettingsDialog } from './rule-settings-dialog.tsx';
import { RuleTextDialog } from './rule-text-dialog.tsx';
import { TrialDialog } from './trial-dialog.tsx';

export interface RuleToolbarProps {
  readonly marked: readonly Rule[];
  readonly mayEdit: boolean;
  onAct(action: 'enable' | 'disable' | 'delete', ids: readonly string[]): void;
}

export function RuleToolbar({ marked, mayEdit, onAct }: RuleToolbarProps) {
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'delete' | 'test' | 'text' | 'settings' | null>(null);
  const settings = useQuery({ queryKey: ['rules', 'settings'], queryFn: fetchRuleSettings });
  const close = () => setDialog(null);
  const ids = marked.map(({ id }) => id);
  return (
    <>
      {mayEdit && (
        <>
          <ToolbarButton appearance="primary" icon={<Add20Regular />} onClick={() => void navigate('/rules/new')}>
            Create rule
          </ToolbarButton>
          <ToolbarDivider />
          <ToolbarButton
            icon={<Checkmark20Regular />}
            disabled={!marked.some(({ enabled }) => !enabled)}
            onClick={() => onAct('enable', ids)}
          >
            Enable
          </ToolbarButton>
          <ToolbarButton
            icon={<Prohibited20Regular />}
            disabled={!marked.some(({ enabled }) => enabled)}
            onClick={() => onAct('disable', ids)}
          >
            Disable
          </ToolbarButton>
          <ToolbarButton icon={<Delete20Regular />} disabled={marked.length === 0} onClick={() => setDialog('delete')}>
            Delete
          </ToolbarButton>
          <ToolbarDivider />
        </>
      )}
      <ToolbarButton icon={<Beaker20Regular />} onClick={() => setDialog('test')}>
        Test against history
      </ToolbarButton>
      <ToolbarButton icon={<DocumentText20Regular />} onClick={() => setDialog('text')}>
        Rules as text
      </ToolbarButton>
      {mayEdit && (
        <ToolbarButton icon={<CalendarClock20Regular />} onClick={() => setDialog('settings')}>
          Working hours and groups
        </ToolbarButton>
      )}
      {dialog === 'delete' && (
        <DeleteRulesDialog
          rules={marked}
          onClose={close}
          onDelete={() => {
            onAct('delete', ids);
            close();
          }}
        />
      )}
      {dialog === 'test' && <TrialDialog rules={marked} onClose={close} />}
      {dialog === 'text' && <RuleTextDialog mayEdit={mayEdit} onClose={close} />}
      {dialog === 'settings' && settings.data && <RuleSettingsDialog settings={settings.data} onClose={close} />}
    </>
  );
}
