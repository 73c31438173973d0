/**
 * The tour of the demo plant: a card at the foot of the page that goes from page to page, and a frame around what it speaks
 * of. The page stays usable meanwhile. It is offered once to everybody who signs in to a demo.
 */
import { Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { fetchPage } from '../api/alerts.ts';
import { ALERT, TOUR_STEPS } from './tour-steps.ts';

const FRAME_EVERY = 250;

const useStyles = makeStyles({
  card: {
    position: 'fixed',
    right: '24px',
    bottom: '24px',
    zIndex: 6,
    boxSizing: 'border-box',
    width: '420px',
    maxWidth: 'calc(100vw - 24px)',
    maxHeight: 'calc(100vh - 72px)',
    overflowY: 'auto',
    display: 'grid',
    gap: '10px',
    padding: '18px 20px',
    borderRadius: tokens.borderRadiusXLarge,
    border: `2px solid ${tokens.colorBrandStroke1}`,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow28,
    '@media (max-width: 760px)': { right: '12px', bottom: '12px' },
  },
  // Who has not answered yet works on beside it: the buttons of a pane stand at the foot on the right.
  offer: { '@media (min-width: 1000px)': { right: 'calc(50% - 210px)' } },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, outlineStyle: 'none' },
  text: { lineHeight: tokens.lineHeightBase400 },
  foot: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px' },
  count: { color: tokens.colorNeutralForeground3, marginRight: 'auto' },
  frame: {
    position: 'fixed',
    zIndex: 5,
    pointerEvents: 'none',
    boxSizing: 'border-box',
    borderRadius: tokens.borderRadiusMedium,
    border: `3px solid ${tokens.colorBrandStroke1}`,
  },
});

/** @param offers begins with the question whether to take the tour */
export default function Tour({ offers, onEnd }: { offers: boolean; onEnd: () => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const id = useId();
  /** -1 while the tour is offered. */
  const [at, setAt] = useState(offers ? -1 : 0);
  const heading = useRef<HTMLHeadingElement>(null);
  const cameFrom = useRef(document.activeElement);
  const step = TOUR_STEPS[at];

  useEffect(() => {
    if (!step) return;
    let isOver = false;
    const go = async () => {
      const path = step.path.includes(ALERT) ? await alertPath(step.path) : step.path;
      if (!isOver) void navigate(path);
    };
    void go();
    return () => {
      isOver = true;
    };
  }, [step, navigate]);
  // Each step is read from its title on.
  useEffect(() => heading.current?.focus(), [at]);

  const end = () => {
    onEnd();
    if (cameFrom.current instanceof HTMLElement && cameFrom.current.isConnected) cameFrom.current.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    // Keys of the page are not meant here.
    event.stopPropagation();
    if (event.key === 'Escape') end();
  };
  const isLast = at === TOUR_STEPS.length - 1;
  return (
    <>
      {step && <Frame selector={step.marks} />}
      <div
        role="dialog"
        aria-labelledby={`${id}title`}
        aria-describedby={`${id}text`}
        className={mergeClasses(styles.card, !step && styles.offer)}
        onKeyDown={onKey}
      >
        <h2 id={`${id}title`} ref={heading} tabIndex={-1} className={styles.title}>
          {step ? step.title : 'This is a simulated plant'}
        </h2>
        <Text id={`${id}text`} className={styles.text}>
          {step ? step.text : `Shall we show you around? ${TOUR_STEPS.length} short steps; you can leave at any time.`}
        </Text>
        {isLast && <Text className={styles.text}>That was the tour. The menu of your account begins it again.</Text>}
        <div className={styles.foot}>
          {step ? (
            <>
              <Text size={200} className={styles.count}>{`Step ${at + 1} of ${TOUR_STEPS.length}`}</Text>
              {!isLast && (
                <Button appearance="transparent" onClick={end}>
                  Skip
                </Button>
              )}
              <Button disabled={at === 0} onClick={() => setAt(at - 1)}>
                Back
              </Button>
              <Button appearance="primary" onClick={isLast ? end : () => setAt(at + 1)}>
                {isLast ? 'Finish' : 'Next'}
              </Button>
            </>
          ) : (
            <>
              <span className={styles.count} />
              <Button onClick={end}>Not now</Button>
              <Button appearance="primary" onClick={() => setAt(0)}>
                Take the tour
              </Button>
            </>
          )}
        </div>
      </div>
    </>
  );
}

/** The page of an alert that can be learned, of any alert where there is none, or the list while there are none at all. */
async function alertPath(path: string): Promise<string> {
  const { alerts } = await fetchPage(new URLSearchParams({ sort: '-lastDetection' }), null, 50).catch(() => ({ alerts: [] }));
  const alert = alerts.find(({ learnable, disposition }) => learnable && disposition === 'none') ?? alerts[0];
  return alert ? path.replace(ALERT, encodeURIComponent(alert.id)) : '/alerts';
}

/** A frame around an element, which may come later and move. */
function Frame({ selector }: { selector: string }) {
  const styles = useStyles();
  const [box, setBox] = useState<DOMRect | null>(null);
  useEffect(() => {
    const look = () => setBox(document.querySelector(selector)?.getBoundingClientRect() ?? null);
    look();
    const looking = setInterval(look, FRAME_EVERY);
    return () => clearInterval(looking);
  }, [selector]);
  if (box === null) return null;
  const top = Math.max(box.top, 0);
  const height = Math.min(box.bottom, window.innerHeight) - top;
  return <div aria-hidden className={styles.frame} style={{ left: box.left, top, width: box.width, height }} />;
}
