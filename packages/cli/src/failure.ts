/** What the command says when it cannot go on. */
import { ExitCode } from './exit-codes.ts';

/** Codes of errors that the command line caused. */
const USAGE_CODES: ReadonlySet<string> = new Set(['USAGE', 'THREAT_FILE']);

/**
 * One sentence for any error, and the exit code. Errors made to be read bring their sentence; the file system's are
 * completed by what to do; everything else is a fault of ours and named so, with the place when ANNUNCIATOR_DEBUG is set.
 */
export function explain(error: unknown): { sentence: string; exitCode: number } {
  if (!(error instanceof Error)) return fault('UNKNOWN', String(error), undefined);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code && USAGE_CODES.has(code)) return { sentence: error.message, exitCode: ExitCode.Usage };
  if ('syscall' in error && 'path' in error)
    return { sentence: fileSentence(code ?? 'EIO', String(error.path)), exitCode: ExitCode.Failed };
  const builtIn = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError'].includes(error.name);
  if (builtIn || code?.startsWith('ERR_')) return fault(code ?? error.name, error.message, error.stack);
  return { sentence: code ? `${error.message} (${code})` : error.message, exitCode: ExitCode.Failed };
}

function fault(code: string, message: string, stack: string | undefined): { sentence: string; exitCode: number } {
  const where = process.env['ANNUNCIATOR_DEBUG'] && stack ? `\n${stack}` : ' Set ANNUNCIATOR_DEBUG=1 to see the place, and report it.';
  return { sentence: `this is a fault in Annunciator (${code}): ${message}.${where}`, exitCode: ExitCode.Failed };
}

const FILE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the path',
  EACCES: 'may not be used by you; change its owner or mode, or name another',
  EPERM: 'may not be used by you; change its owner or mode, or name another',
  EEXIST: 'is a file where a directory is needed; name another',
  ENOTDIR: 'is below a file where a directory is needed; name another',
  EISDIR: 'is a directory where a file is needed; name another',
  ENOSPC: 'cannot be written because the disk is full; make room or name another',
  EROFS: 'is on a read-only file system; name another',
};

function fileSentence(code: string, path: string): string {
  return `${path} ${FILE_REASONS[code] ?? 'cannot be used'} (${code}).`;
}
