/** What the tour of the demo plant shows, in order. */

export interface TourStep {
  readonly title: string;
  readonly text: string;
  /** The page; `ALERT` in it stands for the id of an alert. */
  readonly path: string;
  /** What is marked on the page. */
  readonly marks: string;
}

/** Place of an alert's id in a path. */
export const ALERT = ':alert';

export const TOUR_STEPS: readonly TourStep[] = [
  {
    title: 'Alerts',
    text: 'The demo plant stages incidents for some minutes, so this list fills while you watch. The newest are on top; a press on a row opens the most important facts beside it.',
    path: '/alerts',
    marks: '[role="grid"][aria-label="Alerts"]',
  },
  {
    title: 'Why an alert fired',
    text: 'Its page says what happened in a sentence, what was expected and what was seen instead, and shows the very packet. Nothing is decided out of sight.',
    path: `/alerts/${ALERT}`,
    marks: '[role="tabpanel"]',
  },
  {
    title: 'Learn',
    text: 'Take action holds the steps to take. When the traffic is normal, Learn it: exactly this traffic becomes part of the baseline and stays silent. You see beforehand what that covers, and can take it back.',
    path: `/alerts/${ALERT}?tab=action`,
    marks: '[role="tabpanel"]',
  },
  {
    title: 'Device map',
    text: 'Who speaks to whom, from the office down to the controllers. Devices with open alerts are marked; the list beside the map holds the same for those who do not see it.',
    path: '/map',
    marks: 'main',
  },
  {
    title: 'Event timeline',
    text: 'Everything worth remembering in order: devices that came, programs that were loaded, alerts, and what people did.',
    path: '/events',
    marks: '[role="grid"]',
  },
];
