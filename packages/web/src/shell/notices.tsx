/** Short messages at the foot of the page: what was done, what was refused, and the way back where there is one. */
import { Link, Toast, Toaster, ToastFooter, ToastTitle, ToastTrigger, useId, useToastController } from '@fluentui/react-components';
import { createContext, type ReactNode, use, useMemo } from 'react';

export interface Notice {
  readonly text: string;
  readonly intent: 'success' | 'error' | 'warning' | 'info';
  /** What can be done about it; such a notice stays for half a minute. */
  readonly actions?: readonly { readonly label: string; readonly run: () => void }[];
}

const NoticeContext = createContext<(notice: Notice) => void>(() => undefined);

/** Shows a notice. */
export function useNotice(): (notice: Notice) => void {
  return use(NoticeContext);
}

const ACTION_MILLISECONDS = 30_000;

export function Notices({ children }: { children: ReactNode }) {
  const id = useId('notices');
  const { dispatchToast } = useToastController(id);
  const show = useMemo(
    () => (notice: Notice) => {
      const body = (
        <Toast>
          <ToastTitle>{notice.text}</ToastTitle>
          {notice.actions && (
            <ToastFooter>
              {notice.actions.map(({ label, run }) => (
                <ToastTrigger key={label}>
                  <Link as="button" onClick={run}>
                    {label}
                  </Link>
                </ToastTrigger>
              ))}
            </ToastFooter>
          )}
        </Toast>
      );
      dispatchToast(body, {
        intent: notice.intent,
        timeout: notice.actions ? ACTION_MILLISECONDS : notice.intent === 'error' ? 10_000 : 4000,
        pauseOnHover: true,
      });
    },
    [dispatchToast],
  );
  return (
    <NoticeContext value={show}>
      {children}
      <Toaster toasterId={id} position="bottom" limit={4} />
    </NoticeContext>
  );
}
