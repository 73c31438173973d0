/**
 * Asks before a page is left whose changes are not saved: by a link, by going back, by closing the tab. The portal's router
 * knows no blocking of its own, so this stands before it.
 */
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { holdGoingBack } from '../../shell/going-back.ts';

/** @param text what is lost. Returns the question, to be put into the page. */
export function useLeaveGuard(isUnsaved: boolean, text: string): ReactNode {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [going, setGoing] = useState<{ readonly go: () => void } | null>(null);
  const isAllowed = useRef(false);

  const onLink = useEffectEvent((event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || isAllowed.current) return;
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null;
    if (!link || link.target === '_blank' || link.hasAttribute('download') || link.origin !== window.location.origin) return;
    if (link.pathname === pathname) return;
    event.preventDefault();
    event.stopPropagation();
    setGoing({ go: () => void navigate(`${link.pathname}${link.search}`) });
  });

  const onBack = useEffectEvent((event: PopStateEvent) => {
    if (isAllowed.current || window.location.pathname === pathname) return;
    event.stopImmediatePropagation();
    // The browser has gone already: come back, and ask.
    window.history.forward();
    setGoing({ go: () => window.history.back() });
  });

  useEffect(() => {
    if (!isUnsaved) return undefined;
    isAllowed.current = false;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    document.addEventListener('click', onLink, true);
    holdGoingBack(onBack);
    window.addEventListener('beforeunload', onUnload);
    return () => {
      document.removeEventListener('click', onLink, true);
      holdGoingBack(null);
      window.removeEventListener('beforeunload', onUnload);
    };
  }, [isUnsaved]);

  if (!going) return null;
  const leave = () => {
    isAllowed.current = true;
    setGoing(null);
    going.go();
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && setGoing(null)}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Leave without saving?</DialogTitle>
          <DialogContent>{text}</DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={() => setGoing(null)}>
              Stay
            </Button>
            <Button onClick={leave}>Leave</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
