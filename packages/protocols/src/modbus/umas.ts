/** UMAS inside Modbus function 90: messages, actions and the identity that Read ID tells. Hot code: only actions allocate. */
import { text, u16le } from '@annunciator/packet/bytes';
import { type ActionFact, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { Transactions } from './transactions.ts';
import { Umas, UMAS_ACTIONS, UMAS_NAMES, umasName } from './umas-names.ts';

const UMAS = PROTOCOLS.umas.index;

/** Whether the PDU of a request speaks UMAS: `at` is the offset of function code 90. */
export function isUmas(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 3 && UMAS_NAMES[bytes[at + 2]] !== undefined;
}

export function readUmasRequest(facts: Facts, flow: Transactions, unit: number, bytes: Uint8Array, at: number): void {
  const code = bytes[at + 2];
  facts.message(UMAS, code, Role.Request);
  facts.use(Aspect.UmasFunction, code, 0);
  const action = UMAS_ACTIONS[code];
  if (action === undefined || isFurtherBlock(flow, code)) return;
  if (code === Umas.ReadId) tell(facts, 'identity.request', 'requested', code, unit);
  tell(facts, action, 'requested', code, unit);
}

/** Blocks of a transfer already told are no news; one seen without its beginning is. */
function isFurtherBlock(flow: Transactions, code: number): boolean {
  switch (code) {
    case Umas.InitializeUpload:
      flow.uploading = true;
      return false;
    case Umas.InitializeDownload:
      flow.downloading = true;
      return false;
    case Umas.EndStrategyUpload:
      flow.uploading = false;
      return false;
    case Umas.EndStrategyDownload:
      flow.downloading = false;
      return false;
    case Umas.UploadBlock: {
      const told = flow.uploading;
      flow.uploading = true;
      return told;
    }
    case Umas.DownloadBlock: {
      const told = flow.downloading;
      flow.downloading = true;
      return told;
    }
    default:
      return false;
  }
}

/** `asked` is the UMAS function of the request, or 0 when it was not seen. */
export function readUmasResponse(facts: Facts, asked: number, unit: number, bytes: Uint8Array, at: number, end: number): void {
  const outcome = bytes[at + 2];
  facts.message(UMAS, asked || outcome, Role.Response);
  const action = UMAS_ACTIONS[asked];
  if (outcome === Umas.Done && asked === Umas.ReadId) tellIdentity(facts, bytes, at + 3, end);
  if (outcome === Umas.Refused) {
    const code = end - at > 3 ? bytes[at + 3] : 0;
    facts.tell({
      is: 'failure',
      protocol: UMAS,
      name: 'umas.refused',
      code,
      operation: asked || outcome,
      text: `${umasName(asked || outcome)} refused with code 0x${code.toString(16).padStart(2, '0')}`,
    });
  }
  if (action === undefined || asked === Umas.UploadBlock || asked === Umas.DownloadBlock) return;
  tell(facts, action, outcome === Umas.Done ? 'accepted' : 'refused', asked, unit);
  if (outcome !== Umas.Done) return;
  if (asked === Umas.StartPlc || asked === Umas.StopPlc)
    facts.tell({ is: 'identity', protocol: UMAS, of: 'sender', mode: asked === Umas.StartPlc ? 'RUN' : 'STOP' });
}

function tell(facts: Facts, action: ActionFact['action'], phase: ActionFact['phase'], code: number, unit: number): void {
  const shown = `0x${code.toString(16).padStart(2, '0')}`;
  facts.tell({
    is: 'action',
    protocol: UMAS,
    action,
    phase,
    text: `${umasName(code)} (UMAS function ${shown})`,
    parameters: { function: shown, unit },
  });
}

/**
 * Read ID as PLCs answer it: at 8 the firmware version (two bytes, binary-coded, least first), at 22 the length of the
 * model's name, then the name.
 */
function tellIdentity(facts: Facts, bytes: Uint8Array, data: number, end: number): void {
  const nameAt = data + 23;
  if (nameAt > end) return;
  const length = bytes[nameAt - 1];
  if (length === 0 || nameAt + length > end) return;
  const version = u16le(bytes, data + 8);
  facts.tell({
    is: 'identity',
    protocol: UMAS,
    of: 'sender',
    vendor: 'Schneider Electric',
    type: 'PLC',
    model: text(bytes, nameAt, nameAt + length).trim(),
    ...(version === 0 ? {} : { firmware: `${(version >> 8).toString(16)}.${(version & 0xff).toString(16).padStart(2, '0')}` }),
  });
}
