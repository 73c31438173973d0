/**
 * Application fragments of DNP3: functions, object headers, indications, and what they mean for the plant. Hot code:
 * a poll and its answer allocate nothing unless the answer carries an indication.
 */
import { text, u16le } from '@annunciator/packet/bytes';
import { type ActionFact, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { linkDetails, objectDetails } from './details.ts';
import type { Dnp3Flow, Talk } from './flow.ts';
import { tellAttribute } from './identity.ts';
import { type Dnp3Violation, expectsNoResponse, Function, functionName, isRequest, isResponse, UNREADABLE, VIOLATIONS } from './names.ts';
import { newObjectHeader, type ObjectHeader, readObjectHeader } from './objects.ts';

const DNP3 = PROTOCOLS.dnp3.index;
const CONFIRM_BIT = 0x20;
/** IIN1.1 to IIN1.3, class events: they come and go with every poll. */
const EVENT_BITS = 0x000e;
/** IIN2.0 to IIN2.2: the request was not understood. */
const REFUSED_BITS = 0x0700;
const RESERVED_BITS = 0xc000;
const header = newObjectHeader();

export function violate(facts: Facts, name: Dnp3Violation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: DNP3, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** Reads the fragment in `bytes[start, end)`, sent from `source` to `destination`. */
export function readFragment(
  facts: Facts,
  flow: Dnp3Flow,
  bytes: Uint8Array,
  start: number,
  end: number,
  source: number,
  destination: number,
  fromMaster: boolean,
): void {
  if (end - start < 2) {
    facts.message(DNP3, UNREADABLE, Role.Notification);
    violate(facts, 'dnp3.application-length', `An application fragment of ${end - start} bytes; the shortest has 2.`);
    return;
  }
  const control = bytes[start];
  const code = bytes[start + 1];
  if (facts.countsFields) facts.field('dnp3.al.func', code);
  if (isResponse(code)) {
    facts.message(DNP3, code, code === Function.UnsolicitedResponse ? Role.Notification : Role.Response);
    if (facts.wantsDetails) linkDetails(facts, source, destination);
    if (fromMaster) violate(facts, 'dnp3.response-from-master', `${functionName(code)} (function ${code}) from a master.`);
    readResponse(facts, flow, bytes, start, end, source, destination);
    return;
  }
  facts.message(DNP3, code, code === Function.Confirm ? Role.Notification : isRequest(code) || fromMaster ? Role.Request : Role.Response);
  if (facts.wantsDetails) linkDetails(facts, source, destination);
  if (code !== Function.Confirm && !isRequest(code)) violate(facts, 'dnp3.reserved-function', `Function code ${code} is reserved.`);
  else if (!fromMaster && code !== Function.Confirm)
    violate(facts, 'dnp3.request-from-outstation', `${functionName(code)} (function ${code}) from an outstation.`);
  if (code === Function.Confirm || isRequest(code) || fromMaster) facts.use(Aspect.Dnp3Function, code, 0);
  if (isRequest(code)) readRequest(facts, flow.talk(source, destination), bytes, start, end, control, code);
}

/** Functions whose requests carry objects and not headers only. */
function carriesObjects(code: number, group: number): boolean {
  switch (code) {
    case Function.Write:
    case Function.Select:
    case Function.Operate:
    case Function.DirectOperate:
    case Function.DirectOperateNoResponse:
    case Function.AuthenticateRequest:
    case Function.AuthenticateRequestNoResponse:
      return true;
    case Function.FreezeAtTime:
    case Function.FreezeAtTimeNoResponse:
      return group === 50;
    default:
      return code >= Function.OpenFile && code <= Function.ActivateConfiguration;
  }
}

/** Functions whose objects the field counts leave out, as tshark does: restarts, applications, time measurement. */
function listsObjects(code: number): boolean {
  return !(code >= Function.ColdRestart && code <= Function.SaveConfiguration) && code !== 23 && code !== 24;
}

function nextHeader(facts: Facts, code: number, bytes: Uint8Array, at: number, end: number, withData: boolean): void {
  readObjectHeader(bytes, at, end, withData, header);
  if (facts.countsFields && end - at > 1 && listsObjects(code))
    facts.field('dnp3.al.obj', `0x${((header.group << 8) | header.variation).toString(16).padStart(4, '0')}`);
  if (facts.wantsDetails && !header.lost) objectDetails(facts, bytes, header, withData);
  if (header.violation !== '') tellBrokenHeader(facts, header, header.violation);
}

function tellBrokenHeader(facts: Facts, broken: ObjectHeader, name: Dnp3Violation): void {
  if (VIOLATIONS[name].malformed && !facts.complete) return;
  violate(
    facts,
    name,
    `Object group ${broken.group} variation ${broken.variation}, qualifier 0x${broken.qualifier.toString(16).padStart(2, '0')}, ${broken.count} objects from ${broken.first}: ${BROKEN[name] ?? 'broken'}.`,
  );
}

const BROKEN: Partial<Readonly<Record<Dnp3Violation, string>>> = {
  'dnp3.object-header': 'the header runs past the fragment',
  'dnp3.object-length': 'the objects run past the fragment',
  'dnp3.qualifier': 'the qualifier is not possible here',
  'dnp3.range': 'the range stops before it starts',
  'dnp3.unknown-object': 'the group or variation is not defined',
};

function readRequest(facts: Facts, talk: Talk, bytes: Uint8Array, start: number, end: number, control: number, code: number): void {
  if (control & CONFIRM_BIT)
    violate(facts, 'dnp3.confirm-requested', `${functionName(code)} (function ${code}) asks for an application confirmation.`);
  if (code === Function.InitializeData) violate(facts, 'dnp3.initialize-data', 'Initialize Data (function 15) is obsolete.');
  if (code === Function.SaveConfiguration) violate(facts, 'dnp3.save-configuration', 'Save Configuration (function 19) is obsolete.');
  talk.asked = expectsNoResponse(code) ? -1 : code;
  talk.askedSequence = control & 15;
  const action = actionOf(code);
  if (action !== undefined) tellAction(facts, action, 'requested', code);
  let classes = 0;
  let written = false;
  for (let at = start + 2; at < end; ) {
    nextHeader(facts, code, bytes, at, end, carriesObjects(code, bytes[at]));
    if (header.group === 60 && code === Function.Read && header.variation >= 1 && header.variation <= 4)
      classes |= 1 << (header.variation - 1);
    if (header.violation === '') {
      if (code === Function.Write) written = tellWrite(facts, header, written);
      else if (header.group === 70) tellFile(facts, code, bytes, header);
    }
    if (header.lost) break;
    at = header.next;
  }
  if (classes & 1) facts.use(Aspect.Dnp3IntegrityScan, classes, 0);
}

/** The action of a function that means the same whatever its objects are. */
function actionOf(code: number): ActionFact['action'] | undefined {
  switch (code) {
    case Function.ColdRestart:
    case Function.WarmRestart:
      return 'outstation.restart';
    case Function.InitializeApplication:
      return 'controller.reset';
    case Function.StartApplication:
      return 'controller.start';
    case Function.StopApplication:
      return 'application.stop';
    case Function.SaveConfiguration:
    case Function.AssignClass:
      return 'configuration.write';
    case Function.ActivateConfiguration:
      return 'configuration.activate';
    case Function.Operate:
    case Function.DirectOperate:
    case Function.DirectOperateNoResponse:
      return 'control.operate';
    default:
      return undefined;
  }
}

function tellAction(facts: Facts, action: ActionFact['action'], phase: ActionFact['phase'], code: number): void {
  facts.tell({
    is: 'action',
    protocol: DNP3,
    action,
    phase,
    text: `${functionName(code)} (function ${code})`,
    parameters:
      action === 'outstation.restart'
        ? { functionCode: code, kind: code === Function.ColdRestart ? 'cold' : 'warm' }
        : { functionCode: code },
  });
}

/** What a write writes, told once a fragment. Clearing the restart indication (group 80) is routine and no action. */
function tellWrite(facts: Facts, object: ObjectHeader, told: boolean): boolean {
  const action = object.group === 50 ? 'time.set' : object.group === 0 || object.group === 34 ? 'configuration.write' : undefined;
  if (told || action === undefined) return told;
  facts.tell({
    is: 'action',
    protocol: DNP3,
    action,
    phase: 'requested',
    text: `Write group ${object.group} variation ${object.variation} (function 2)`,
  });
  return true;
}

const FIRMWARE = /firmware|\.(?:bin|fw|fwu|hex|img|mot|rom|s19|srec|upd|upg)$/i;

/** Group 70 of Open File (variation 3: mode at 20, name at the offset in front) and Delete File (variation 3) or Get File Information (7). */
function tellFile(facts: Facts, code: number, bytes: Uint8Array, object: ObjectHeader): void {
  if (code !== Function.OpenFile && code !== Function.DeleteFile && code !== Function.GetFileInformation) return;
  const data = object.data + object.prefix;
  if (object.count < 1 || object.next - data < 20) return;
  const nameAt = data + u16le(bytes, data);
  const nameEnd = Math.min(object.next, nameAt + u16le(bytes, data + 2));
  const name = text(bytes, nameAt, nameEnd);
  const mode = code === Function.OpenFile && object.next - data >= 22 ? u16le(bytes, data + 20) : 0;
  const writes = mode === 2 || mode === 3;
  const action = code === Function.DeleteFile ? 'file.delete' : writes ? 'file.write' : 'file.read';
  const about = {
    is: 'action',
    protocol: DNP3,
    phase: 'requested',
    text: `${functionName(code)} ${name} (function ${code})`,
    parameters: { file: name },
  } as const;
  facts.tell({ ...about, action });
  if (writes && FIRMWARE.test(name)) facts.tell({ ...about, action: 'firmware.update' });
}

function readResponse(
  facts: Facts,
  flow: Dnp3Flow,
  bytes: Uint8Array,
  start: number,
  end: number,
  source: number,
  destination: number,
): void {
  const code = bytes[start + 1];
  if (end - start < 4) {
    violate(facts, 'dnp3.application-length', `${functionName(code)} without internal indications.`);
    return;
  }
  const bits = bytes[start + 2] | (bytes[start + 3] << 8);
  if (facts.countsFields) {
    facts.field('dnp3.al.iin.rst', (bits >> 7) & 1);
    facts.field('dnp3.al.iin.dt', (bits >> 6) & 1);
  }
  tellIndications(facts, flow.talk(source, destination), bits, source, code);
  const request = flow.talk(destination, source);
  const answers = code === Function.Response && request.asked >= 0 && request.askedSequence === (bytes[start] & 15);
  let refused = (bits & REFUSED_BITS) !== 0;
  for (let at = start + 4; at < end; ) {
    nextHeader(facts, code, bytes, at, end, true);
    if (header.lost) break;
    if (header.group === 12 || header.group === 41) refused ||= controlRefused(bytes, header);
    else if (header.group === 0) tellAttribute(facts, bytes, header);
    else if (header.group === 120 && header.variation === 7) tellAuthenticationError(facts, bytes, header);
    at = header.next;
  }
  if (!answers) return;
  const action = actionOf(request.asked);
  if (action !== undefined) tellAction(facts, action, refused ? 'refused' : 'accepted', request.asked);
  request.asked = -1;
}

function tellIndications(facts: Facts, talk: Talk, bits: number, outstation: number, code: number): void {
  const lasting = bits & ~EVENT_BITS;
  if (lasting !== 0) {
    for (let bit = 0; bit < 16; bit++) if (lasting & (1 << bit)) facts.use(Aspect.Dnp3Indication, bit, 0);
  }
  if (lasting !== 0 || talk.indications > 0) facts.tell({ is: 'indication', protocol: DNP3, bits, outstation, operation: code });
  talk.indications = lasting;
  if (bits & RESERVED_BITS)
    violate(facts, 'dnp3.reserved-indication', `Reserved internal indications are set: IIN2 0x${(bits >> 8).toString(16)}.`);
}

/** A control that was echoed with a status other than success (annex A, control status codes): the last byte of each object. */
function controlRefused(bytes: Uint8Array, object: ObjectHeader): boolean {
  const size = object.count > 0 ? (object.next - object.data) / object.count : 0;
  if (!Number.isInteger(size) || size < 3) return false;
  for (let at = object.data + size - 1; at < object.next; at += size) if ((bytes[at] & 0x7f) !== 0) return true;
  return false;
}

/** Group 120 variation 7 (A.45.7): sequence (4), user (2), association (2), error code, time (6), text. */
function tellAuthenticationError(facts: Facts, bytes: Uint8Array, object: ObjectHeader): void {
  const data = object.data + object.prefix;
  const code = data + 8 < object.next ? bytes[data + 8] : 0;
  facts.tell({
    is: 'failure',
    protocol: DNP3,
    name: 'dnp3.authentication',
    code,
    operation: Function.AuthenticateResponse,
    text: `Secure authentication failed with error ${code}${data + 15 < object.next ? `: ${text(bytes, data + 15, object.next)}` : ''}`,
  });
}
