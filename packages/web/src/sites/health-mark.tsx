/** The health of a sensor: a shape, a colour and the word, so that none of them is needed alone. */
import { makeStyles, tokens } from '@fluentui/react-components';
import { CheckmarkCircle16Filled } from '@fluentui/react-icons/svg/checkmark-circle';
import { Clock16Regular } from '@fluentui/react-icons/svg/clock';
import { ErrorCircle16Filled } from '@fluentui/react-icons/svg/error-circle';
import { Warning16Filled } from '@fluentui/react-icons/svg/warning';
import type { Sensor } from '../api/sites.ts';

const useStyles = makeStyles({
  mark: { display: 'inline-flex', alignItems: 'center', gap: '8px', whiteSpace: 'nowrap' },
  healthy: { color: tokens.colorStatusSuccessForeground1 },
  pending: { color: tokens.colorNeutralForeground3 },
  warning: { color: tokens.colorStatusWarningForeground3 },
  critical: { color: tokens.colorStatusDangerForeground1 },
});

const ICONS = { healthy: CheckmarkCircle16Filled, pending: Clock16Regular, warning: Warning16Filled, critical: ErrorCircle16Filled };

export function HealthMark({ health }: { health: Pick<Sensor['health'], 'state' | 'word'> }) {
  const styles = useStyles();
  const Icon = ICONS[health.state];
  return (
    <span className={styles.mark}>
      <Icon className={styles[health.state]} aria-hidden />
      {health.word}
    </span>
  );
}
