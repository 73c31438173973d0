/** Short messages at the top right: what was done, what was refused, and the way back where there is one. */
import { Link, Toast, Toaster, ToastFooter, ToastTitle, ToastTrigger, useId, useToastController } from '@fluentui/react-components';
import { createContext, type ReactNode, use, useMemo } from 'react';

export interface Notice {
  readonly text: string;
  readonly intent: 'success' | 'error' | 'warning' | 'info';
  readonly undo?: () => void;
}

const NoticeContext = createContext<(notice: Notice) => void>(() => undefined);

/** Shows a notice. */
export function useNotice(): (notice: Notice) => void {
  return use(NoticeContext);
}

const UNDO_MILLISECONDS = 30_000;

export function Notices({ children }: { children: ReactNode }) {
  const id = useId('notices');
  const { dispatchToast } = useToastController(id);
  const show = useMemo(
    () => (notice: Notice) => {
      const body = (
        <Toast>
          <ToastTitle>{notice.text}</ToastTitle>
          {notice.undo && (
            <ToastFooter>
              <ToastTrigger>
                <Link as="button" onClick={notice.undo}>
                  Undo
                </Link>
              </ToastTrigger>
            </ToastFooter>
          )}
        </Toast>
      );
      dispatchToast(body, {
        intent: notice.intent,
        timeout: notice.undo ? UNDO_MILLISECONDS : notice.intent === 'error' ? 10_000 : 4000,
        pauseOnHover: true,
      });
    },
    [dispatchToast],
  );
  return (
    <NoticeContext value={show}>
      {children}
      <Toaster toasterId={id} position="top-end" limit={4} />
    </NoticeContext>
  );
}
