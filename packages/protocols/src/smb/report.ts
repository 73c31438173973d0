/** What both versions of SMB tell alike: sign-ins, shares, opened files and pipes, and files that move. */
import { programOf } from '../program.ts';
import { Aspect, type Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { findNtlm, NtlmMessage, ntlmType, readAuthenticate, readChallenge } from './ntlm.ts';
import { MORE_PROCESSING, refusesSignIn, type SmbViolation, VIOLATIONS } from './names.ts';
import type { OpenFile, Session } from './session.ts';

const SMB = PROTOCOLS.smb.index;
/** Share of pipes; others that end with a dollar are administrative. */
const PIPES = 'IPC$';

export function violate(facts: Facts, name: SmbViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: SMB, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** A blob of a session set-up from the client: its last part names the user. */
export function readClientBlob(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): void {
  const at = findNtlm(bytes, start, end);
  if (at < 0 || ntlmType(bytes, at) !== NtlmMessage.Authenticate) return;
  const { user, computer } = readAuthenticate(bytes, at, end);
  session.user = user;
  if (computer !== '') facts.tell({ is: 'identity', protocol: SMB, of: 'sender', name: computer });
}

/** A blob of a session set-up from the server: the challenge tells who it is. */
export function readServerBlob(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const at = findNtlm(bytes, start, end);
  if (at < 0 || ntlmType(bytes, at) !== NtlmMessage.Challenge) return;
  const { computer, os } = readChallenge(bytes, at, end);
  if (computer !== '' || os !== '')
    facts.tell({ is: 'identity', protocol: SMB, of: 'sender', ...(computer && { name: computer }), ...(os && { os }) });
}

/** The server's word on a session set-up. */
export function tellSetup(facts: Facts, session: Session, status: number): void {
  if (status === MORE_PROCESSING) return;
  const { user } = session;
  session.user = '';
  if (refusesSignIn(status)) {
    facts.tell({ is: 'login', protocol: SMB, outcome: 'attempt', user });
    facts.tell({ is: 'login', protocol: SMB, outcome: 'failure', user });
  } else if (status === 0) {
    if (user !== '') facts.use(Aspect.SmbLogin, facts.intern(user), 0);
    facts.tell({ is: 'login', protocol: SMB, outcome: 'success', user });
  }
}

/** `\\server\ADMIN$` gives `ADMIN$`. */
export const shareOf = (path: string): string => path.slice(path.lastIndexOf('\\') + 1);

/** The server opened what the client had asked for. */
export function opened(facts: Facts, session: Session, id: number, share: string, path: string): OpenFile {
  const name = path.replace(/^\\/, '');
  const pipe =
    share.toUpperCase() === PIPES || (share === '' && /^(?:svcctl|atsvc|srvsvc|samr|lsarpc|winreg|spoolss|epmapper)$/i.test(name));
  if (pipe) facts.tell({ is: 'remote', protocol: SMB, what: 'pipe', name, text: `opened the pipe ${name}` });
  return session.open(id, share === '' ? name : `${share}\\${name}`, pipe);
}

/** Data of a file or pipe passes by. @param offset where in the file the data begin */
export function moved(facts: Facts, file: OpenFile, offset: number, bytes: Uint8Array, start: number, end: number): void {
  if (file.pipe) {
    file.pipe.feed(facts, bytes, start, end);
    return;
  }
  const write = facts.toServer;
  if (offset !== 0 || (write ? file.written : file.read)) return;
  if (write) file.written = true;
  else file.read = true;
  const content = programOf(bytes, start, end);
  // Office machines read files all day; a program that is read, and whatever is written, is worth a word.
  if (!write && content === undefined) return;
  const direction = write ? 'write' : 'read';
  facts.tell({
    is: 'transfer',
    protocol: SMB,
    direction,
    name: file.name,
    text: `${write ? 'wrote' : 'read'} ${file.name}`,
    ...(content && { content }),
  });
}
