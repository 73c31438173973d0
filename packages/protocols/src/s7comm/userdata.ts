/**
 * User data (ROSCTR 7): programmer commands, cyclic data, block functions, CPU functions, security, time. Answers of a
 * list may be spread over several PDUs; they are put together for the lists that are read.
 *
 * Hot code for cyclic data; the rest is rare.
 */
import { u16 } from '@annunciator/packet/bytes';
import { type ActionName, Aspect, type Facts, Role } from '../facts.ts';
import { HALF_READ, HalfRead } from '../half-read.ts';
import { readAlarm } from './alarms.ts';
import { errorText, Group, HEX, ReturnCode, subfunctionName } from './names.ts';
import { S7, violate, type WaitingActions } from './report.ts';
import { asksIdentity, type ControllerMemory, readSzl, szlText, tellMode } from './szl.ts';
import { readTestData } from './testing-functions.ts';
import { variableDetails } from './details.ts';
import { readAddresses, readValues } from './variables.ts';

/** Operation code of user data: apart from the functions of jobs. */
export const userDataCode = (group: number, subfunction: number): number => 0x7000 | (group << 8) | subfunction;

/** Kind of a user data PDU: the high half of type and group. The values of numerical controls have their low bits set. */
const Kind = { Push: 0, Request: 4, Response: 8 } as const;

/** Bound of a list spread over several PDUs. */
const LONGEST_LIST = 65_536;

/** Group << 8 | subfunction of requests that do something, and what. */
const actions: Readonly<Record<number, ActionName>> = {
  0x0108: 'control.operate',
  0x0109: 'control.operate',
  0x010c: 'controller.reset',
  0x0301: 'configuration.read',
  0x0302: 'configuration.read',
  0x0303: 'configuration.read',
  0x0702: 'time.set',
  0x0704: 'time.set',
};

const READ_SZL = 0x0401;
const PASSWORD = 0x0501;
const CYCLIC = 0x0201;
const CHANGE_DRIVEN = 0x0205;
const CHANGE_DRIVEN_MODIFY = 0x0207;

const modeTransitions: Readonly<Record<number, string>> = {
  0: 'STOP',
  1: 'STARTUP',
  2: 'RUN',
  3: 'STARTUP',
  4: 'HOLD',
  6: 'STARTUP',
  9: 'RUN',
  11: 'RUN',
  12: 'RUN',
};

/** What one connection remembers about user data. */
export class UserDataState extends HalfRead {
  readonly controller: ControllerMemory = { order: '', mode: '' };
  /** The list being put together, and the data unit reference its parts share; 0 when none is open. */
  partReference = 0;
  #part = new Uint8Array(0);
  #length = 0;

  /** Adds a part; false when the bound is passed. */
  append(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    if (this.#length + size > LONGEST_LIST) return false;
    if (this.#length + size > this.#part.length) {
      const larger = new Uint8Array(Math.max(1_024, 2 * (this.#length + size)));
      larger.set(this.#part.subarray(0, this.#length));
      this.#part = larger;
      HALF_READ.hold(this, larger.length);
    }
    this.#part.set(bytes.subarray(start, end), this.#length);
    this.#length += size;
    return true;
  }

  take(): Uint8Array {
    const whole = this.#part.subarray(0, this.#length);
    this.forget();
    return whole;
  }

  forget(): void {
    if (this.#part.length > 0) HALF_READ.hold(this, 0);
    this.giveUp();
  }

  override giveUp(): void {
    this.partReference = 0;
    this.#part = new Uint8Array(0);
    this.#length = 0;
  }
}

function countSzl(facts: Facts, id: number): void {
  if (facts.countsFields) facts.field('s7comm.data.userdata.szl_id', szlText(id));
}

/** A whole answer to Read SZL. */
function readList(facts: Facts, state: UserDataState, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < 4) return;
  countSzl(facts, u16(bytes, start));
  readSzl(facts, bytes, start, end, state.controller);
}

/** An answer to Read SZL that may be one part of several: same data unit reference, last one marked 0. */
function readListPart(facts: Facts, state: UserDataState, bytes: Uint8Array, parameters: number, start: number, end: number): void {
  const long = bytes[parameters + 3] >= 8;
  const reference = long ? bytes[parameters + 8] : 0;
  const more = long && bytes[parameters + 9] !== 0;
  if (reference === 0 || (!more && state.partReference !== reference)) {
    state.forget();
    // the last part of a list whose beginning was not seen cannot be read
    if (reference === 0) readList(facts, state, bytes, start, end);
    return;
  }
  if (state.partReference !== reference) state.forget();
  state.partReference = reference;
  if (!state.append(bytes, start, end)) {
    state.forget();
    violate(facts, 's7comm.reassembly-limit', `A list is spread over answers of more than ${LONGEST_LIST} bytes; it is not put together.`);
    return;
  }
  if (more) return;
  const whole = state.take();
  readList(facts, state, whole, 0, whole.length);
}

/** Subscription to variables: number of items (2), time base and factor, addresses; answers and pushes carry values. */
function readCyclic(facts: Facts, bytes: Uint8Array, request: boolean, start: number, end: number): void {
  if (end - start < 4) return;
  const count = u16(bytes, start);
  if (!request) {
    readValues(facts, bytes, start + 2, end, count, -1);
    return;
  }
  readAddresses(facts, bytes, start + 4, end, count, 0);
  if (facts.wantsDetails) variableDetails(facts, bytes, start + 4, end, end, count);
}

function tellRequest(
  facts: Facts,
  waiting: WaitingActions,
  reference: number,
  key: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const name = subfunctionName(key >> 8, key & 0xff);
  if (key === READ_SZL) {
    if (end - start < 4) return;
    const id = u16(bytes, start);
    const about = { list: szlText(id), index: u16(bytes, start + 2) };
    waiting.request(facts, reference, asksIdentity(id) ? 'identity.request' : 'configuration.read', `${name} ${szlText(id)}`, about);
  } else if (key === PASSWORD) facts.tell({ is: 'login', protocol: S7, outcome: 'attempt', user: '' });
  else if (actions[key]) waiting.request(facts, reference, actions[key], name, { group: key >> 8, subfunction: key & 0xff });
}

function tellAnswer(facts: Facts, waiting: WaitingActions, reference: number, key: number, error: number): void {
  waiting.answer(facts, reference, error === 0);
  if (key === PASSWORD) facts.tell({ is: 'login', protocol: S7, outcome: error === 0 ? 'success' : 'failure', user: '' });
  if (error === 0) return;
  const text = `${subfunctionName(key >> 8, key & 0xff)} was refused with error ${errorText(error)}.`;
  facts.tell({
    is: 'failure',
    protocol: S7,
    name: 's7comm.error',
    code: error,
    operation: userDataCode(key >> 8, key & 0xff),
    text,
    parameters: { kind: 'userdata' },
  });
}

/** Reads parameters and data of a user data PDU and tells its message. */
export function readUserData(
  facts: Facts,
  state: UserDataState,
  waiting: WaitingActions,
  reference: number,
  bytes: Uint8Array,
  parameters: number,
  data: number,
  end: number,
): void {
  if (data - parameters < 8 || bytes[parameters + 2] !== 0x12) {
    facts.message(S7, 0x7000, Role.Notification);
    violate(
      facts,
      's7comm.userdata-header',
      `User data begins with ${data - parameters} bytes of parameters; a head 0x000112 and at least 5 more are needed.`,
    );
    return;
  }
  const kind = (bytes[parameters + 5] >> 4) & 0x0c;
  const group = bytes[parameters + 5] & 0x0f;
  const subfunction = bytes[parameters + 6];
  const key = (group << 8) | subfunction;
  const role = kind === Kind.Request ? Role.Request : kind === Kind.Response ? Role.Response : Role.Notification;
  facts.message(S7, userDataCode(group, subfunction), role);
  facts.use(Aspect.S7UserData, key, 0);
  const long = bytes[parameters + 3] >= 8 && data - parameters >= 12;
  const error = long ? u16(bytes, parameters + 10) : 0;
  if (facts.countsFields) {
    facts.field('s7comm.param.userdata.funcgroup', group);
    facts.field('s7comm.param.userdata.subfunc', subfunction);
  }
  if (bytes[parameters + 3] !== data - parameters - 4) {
    violate(
      facts,
      's7comm.userdata-header',
      `User data parameters announce ${bytes[parameters + 3]} bytes, ${data - parameters - 4} are there.`,
    );
  }
  if (end - data >= 4) {
    const code = bytes[data];
    if (facts.countsFields) facts.field('s7comm.data.returncode', HEX[code]);
    const length = u16(bytes, data + 2);
    const start = data + 4;
    if (start + length > end) violate(facts, 's7comm.data-truncated', `User data announces ${length} bytes, ${end - start} are there.`);
    const dataEnd = Math.min(end, start + length);
    readPayload(facts, state, waiting, reference, bytes, key, kind, parameters, start, dataEnd);
  }
  if (kind === Kind.Response) {
    tellAnswer(facts, waiting, reference, key, error);
    if (error !== 0) state.forget();
  } else if (kind === Kind.Push && group === Group.ModeTransition) {
    const mode = modeTransitions[subfunction];
    if (mode) {
      facts.tell({ is: 'identity', protocol: S7, of: 'sender', type: 'PLC', mode });
      tellMode(facts, state.controller, mode);
    }
  }
}

function readPayload(
  facts: Facts,
  state: UserDataState,
  waiting: WaitingActions,
  reference: number,
  bytes: Uint8Array,
  key: number,
  kind: number,
  parameters: number,
  start: number,
  end: number,
): void {
  const present = bytes[start - 4] === ReturnCode.Success && end > start;
  if (kind === Kind.Request) {
    // a request under way with a data unit reference asks for the next part of a list
    if (key === READ_SZL && present) {
      state.forget();
      if (end - start >= 4) countSzl(facts, u16(bytes, start));
    }
    if (key !== READ_SZL || present) tellRequest(facts, waiting, reference, key, bytes, start, end);
  } else if (key === READ_SZL && present) readListPart(facts, state, bytes, parameters, start, end);
  if (!present) return;
  if (key === CYCLIC || key === CHANGE_DRIVEN || key === CHANGE_DRIVEN_MODIFY) readCyclic(facts, bytes, kind === Kind.Request, start, end);
  else if (key >> 8 === Group.Programmer) readTestData(facts, bytes, key & 0xff, kind === Kind.Request, start, end);
  else if (key >> 8 === Group.Cpu) readAlarm(facts, bytes, key & 0xff, kind === Kind.Request, start, end);
}
