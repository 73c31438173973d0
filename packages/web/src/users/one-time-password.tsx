/** A password to hand over: shown once, good for one sign-in. */
import { makeStyles, Text, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  password: {
    display: 'block',
    margin: '12px 0',
    padding: '12px 16px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase400,
    userSelect: 'all',
    overflowWrap: 'anywhere',
  },
});

export function OneTimePassword({ password }: { password: string }) {
  const styles = useStyles();
  return (
    <>
      <Text>Hand this password over. It is shown this once, and is good for one sign-in, at which another has to be set:</Text>
      <output className={styles.password} aria-label="One-time password">
        {password}
      </output>
    </>
  );
}
