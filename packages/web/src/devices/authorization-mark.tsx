/** Whether a device is authorised, as a shape and the word. */
import { makeStyles, tokens } from '@fluentui/react-components';
import { CheckmarkCircle16Regular } from '@fluentui/react-icons/svg/checkmark-circle';
import { Prohibited16Filled } from '@fluentui/react-icons/svg/prohibited';

const useStyles = makeStyles({
  mark: { display: 'flex', alignItems: 'center', gap: '6px', whiteSpace: 'nowrap' },
  yes: { color: tokens.colorNeutralForeground3 },
  no: { color: 'light-dark(#c50f1f, #f4525c)' },
});

export function AuthorizationMark({ authorised }: { authorised: boolean }) {
  const styles = useStyles();
  return (
    <span className={styles.mark}>
      {authorised ? (
        <CheckmarkCircle16Regular className={styles.yes} aria-hidden />
      ) : (
        <Prohibited16Filled className={styles.no} aria-hidden />
      )}
      {authorised ? 'Authorized' : 'Unauthorized'}
    </span>
  );
}
