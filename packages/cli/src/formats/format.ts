/** The formats of `annunciator analyze`. Each is one file, loaded when it is asked for. */
import type { AnalysisDocument } from '@annunciator/sensor/analysis/document';

export const FORMAT_NAMES = ['text', 'json', 'csv', 'eve', 'ocsf'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** What formats print. */
export interface Report {
  readonly document: AnalysisDocument;
  /** One sentence for each capture that was not read to a regular end. */
  readonly damages: readonly string[];
  readonly baseline: 'learning' | 'learned before' | 'learned within' | 'not yet operational';
  /** Decimals of the capture's times: 6 or 9. */
  readonly decimals: number;
  /** Columns of text. */
  readonly width: number;
  readonly colour: boolean;
}

/** Gives the output in pieces of any size. */
export type Format = (report: Report) => Iterable<string>;

export async function loadFormat(name: FormatName): Promise<Format> {
  switch (name) {
    case 'text':
      return (await import('./text.ts')).text;
    case 'json':
      return (await import('./json.ts')).json;
    case 'csv':
      return (await import('./csv.ts')).csv;
    case 'eve':
      return (await import('./eve.ts')).eve;
    case 'ocsf':
      return (await import('./ocsf.ts')).ocsf;
  }
}
