/** Status and connection of a device, as a shape and the word. */
import { makeStyles, tokens } from '@fluentui/react-components';
import { CheckmarkCircle16Regular } from '@fluentui/react-icons/svg/checkmark-circle';
import { PlugConnected16Filled } from '@fluentui/react-icons/svg/plug-connected';
import { PlugDisconnected16Regular } from '@fluentui/react-icons/svg/plug-disconnected';
import { Prohibited16Filled } from '@fluentui/react-icons/svg/prohibited';

const useStyles = makeStyles({
  mark: { display: 'flex', alignItems: 'center', gap: '6px', whiteSpace: 'nowrap' },
  quiet: { color: tokens.colorNeutralForeground3 },
  good: { color: 'light-dark(#0e700e, #7fd37f)' },
  bad: { color: 'light-dark(#c50f1f, #f4525c)' },
});

export function StatusMark({ status }: { status: 'enabled' | 'disabled' }) {
  const styles = useStyles();
  return (
    <span className={styles.mark}>
      {status === 'enabled' ? (
        <CheckmarkCircle16Regular className={styles.quiet} aria-hidden />
      ) : (
        <Prohibited16Filled className={styles.bad} aria-hidden />
      )}
      {status === 'enabled' ? 'Enabled' : 'Disabled'}
    </span>
  );
}

export function ConnectionMark({ connected }: { connected: boolean }) {
  const styles = useStyles();
  return (
    <span className={styles.mark}>
      {connected ? (
        <PlugConnected16Filled className={styles.good} aria-hidden />
      ) : (
        <PlugDisconnected16Regular className={styles.quiet} aria-hidden />
      )}
      {connected ? 'Connected' : 'Disconnected'}
    </span>
  );
}
