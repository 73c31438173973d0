/** What went wrong, in the server's sentence. */
import { MessageBar, MessageBarBody } from '@fluentui/react-components';

export function Trouble({ error }: { error: Error | null | undefined }) {
  if (!error) return null;
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>{error.message}</MessageBarBody>
    </MessageBar>
  );
}
