/** The custom alerts of the chosen groups, as they are and as the draft has them. */
import { Badge, Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { CheckmarkCircle20Regular } from '@fluentui/react-icons/svg/checkmark-circle';
import { Delete20Regular } from '@fluentui/react-icons/svg/delete';
import { Edit20Regular } from '@fluentui/react-icons/svg/edit';
import { Prohibited20Regular } from '@fluentui/react-icons/svg/prohibited';
import { SeverityMark } from '../../alerts/severity-mark.tsx';
import type { RuleType } from '../../api/hub-security.ts';
import { StatusMark } from '../marks.tsx';
import { useTableStyles } from '../table-styles.ts';
import type { RuleInGroup } from './draft.ts';
import { allowedWords } from './words.ts';

const useStyles = makeStyles({
  wide: { overflowX: 'auto' },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  buttons: { display: 'flex' },
  faint: { color: tokens.colorNeutralForeground3 },
});

export interface RuleTableProps {
  readonly rules: readonly RuleInGroup[];
  readonly ruleTypes: readonly RuleType[];
  readonly mayEdit: boolean;
  onEdit(rule: RuleInGroup): void;
  onToggle(rule: RuleInGroup): void;
  onDelete(rule: RuleInGroup): void;
}

export function RuleTable({ rules, ruleTypes, mayEdit, onEdit, onToggle, onDelete }: RuleTableProps) {
  const styles = useStyles();
  const table = useTableStyles();
  if (rules.length === 0) return <Text className={styles.faint}>There are no custom alerts in the chosen groups yet.</Text>;
  return (
    <div className={styles.wide}>
      <table className={table.table} aria-label="Custom alerts">
        <thead>
          <tr>
            {[
              'Alert name',
              'Security group',
              'Behavior',
              'Allowed',
              'Severity',
              'Data source',
              'State',
              ...(mayEdit ? ['Actions'] : []),
            ].map((title) => (
              <th key={title} scope="col" className={table.head}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.map((one) => {
            const { group, rule, isChanged } = one;
            const type = ruleTypes.find(({ ruleType }) => ruleType === rule.ruleType);
            const name = rule.alertName ?? type?.title ?? rule.ruleType;
            const what = `${name} of ${group}`;
            return (
              <tr key={`${group}/${rule.ruleType}`}>
                <td className={mergeClasses(table.cell, styles.name)}>
                  {name}{' '}
                  {isChanged && (
                    <Badge appearance="tint" color="warning">
                      Unsaved
                    </Badge>
                  )}
                </td>
                <td className={table.cell}>{group}</td>
                <td className={table.cell} title={type?.description}>
                  {type?.displayName ?? rule.ruleType}
                </td>
                <td className={table.cell}>{allowedWords(rule)}</td>
                <td className={table.cell}>{type && <SeverityMark severity={type.severity} />}</td>
                <td className={table.cell}>{type?.dataSource}</td>
                <td className={table.cell}>
                  <StatusMark status={rule.isEnabled ? 'enabled' : 'disabled'} />
                </td>
                {mayEdit && (
                  <td className={table.cell}>
                    <span className={styles.buttons}>
                      <Button
                        appearance="subtle"
                        icon={<Edit20Regular />}
                        aria-label={`Edit ${what}`}
                        title="Edit"
                        onClick={() => onEdit(one)}
                      />
                      <Button
                        appearance="subtle"
                        icon={rule.isEnabled ? <Prohibited20Regular /> : <CheckmarkCircle20Regular />}
                        aria-label={`${rule.isEnabled ? 'Disable' : 'Enable'} ${what}`}
                        title={rule.isEnabled ? 'Disable' : 'Enable'}
                        onClick={() => onToggle(one)}
                      />
                      <Button
                        appearance="subtle"
                        icon={<Delete20Regular />}
                        aria-label={`Delete ${what}`}
                        title="Delete"
                        onClick={() => onDelete(one)}
                      />
                    </span>
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
