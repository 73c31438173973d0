/** Why a FILE could not be read at all. Damage after the first packet is no error: it is told in the summary. */
export type CaptureErrorCode = 'missing' | 'directory' | 'empty' | 'not-a-capture' | 'unreadable';

/** A FILE that is not read. `message` is one sentence with the path and what to do. */
export class CaptureError extends Error {
  readonly code: CaptureErrorCode;
  readonly path: string;

  constructor(code: CaptureErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CaptureError';
    this.code = code;
    this.path = path;
  }
}
