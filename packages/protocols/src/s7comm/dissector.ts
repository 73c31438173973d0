/**
 * S7comm (protocol id 0x32): what an engineering station, HMI or another controller does with an S7-300/400, and with
 * newer ones in compatibility. A user of COTP: the transport is read by `cotp/`.
 *
 * Hot code: nothing is allocated for variable jobs and their answers.
 */
import type { CotpReader, CotpUser } from '../cotp/user.ts';
import { type AspectText, Confidence } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { readControlJob } from './control.ts';
import { errorText, Func, FUNCTION_NAMES, HEX, Rosctr, subfunctionName } from './names.ts';
import { HEADER, hasError, looksLikeS7, newHeader, PROTOCOL_ID, readHeader, speakerOf } from './parse.ts';
import { S7, violate, WaitingActions } from './report.ts';
import { readUserData, UserDataState } from './userdata.ts';
import { readVariableAnswer, readVariableJob } from './variables.ts';

const header = newHeader();

/** Jobs whose function is remembered, for the Ack that carries none. A power of two. */
const REMEMBERED_JOBS = 8;

class S7Reader implements CotpReader {
  readonly #waiting = new WaitingActions();
  readonly #userData = new UserDataState();
  /** Reference << 8 | function of the last jobs. */
  readonly #jobs = new Int32Array(REMEMBERED_JOBS).fill(-1);
  #nextJob = 0;

  read(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    // a message may hold several PDUs back to back; each step consumes a header at least
    while (at < end) {
      const next = this.#readPdu(facts, bytes, at, end);
      if (next < end && bytes[next] !== PROTOCOL_ID) {
        violate(facts, 's7comm.length-mismatch', `The PDU announces ${next - at} bytes, ${end - at} were sent.`);
        return;
      }
      at = next;
    }
  }

  gap(): void {
    this.#userData.forget();
  }

  /** Reads the PDU at `start` and returns the byte after it. */
  #readPdu(facts: Facts, bytes: Uint8Array, start: number, end: number): number {
    const rosctr = bytes[start + 1];
    if (end - start < HEADER || (hasError(rosctr) && end - start < HEADER + 2)) {
      facts.message(S7, 0, Role.Notification);
      violate(facts, 's7comm.header-truncated', `An S7 header needs ${HEADER} bytes, ${end - start} were sent.`);
      return end;
    }
    readHeader(bytes, start, header);
    const { parameters, reference } = header;
    const data = Math.min(header.data, end);
    const pduEnd = Math.min(header.end, end);
    if (rosctr === Rosctr.UserData) {
      if (facts.countsFields) facts.field('s7comm.header.rosctr', rosctr);
      readUserData(facts, this.#userData, this.#waiting, reference, bytes, parameters, data, pduEnd);
    } else if (rosctr === Rosctr.Job) this.#readJob(facts, bytes, reference, parameters, data, pduEnd);
    else if (hasError(rosctr)) this.#readAnswer(facts, bytes, start, rosctr, reference, header.error, parameters, data, pduEnd);
    else {
      facts.message(S7, 0, Role.Notification);
      violate(facts, 's7comm.unknown-rosctr', `ROSCTR ${rosctr} is none of 1 (job), 2 (ack), 3 (ack data) and 7 (user data).`);
    }
    if (header.end > end)
      violate(facts, 's7comm.length-mismatch', `The PDU announces ${header.end - start} bytes, ${end - start} were sent.`);
    return pduEnd;
  }

  #readJob(facts: Facts, bytes: Uint8Array, reference: number, parameters: number, data: number, end: number): void {
    const func = parameters < data ? bytes[parameters] : 0;
    facts.message(S7, func, Role.Request);
    if (facts.countsFields) {
      facts.field('s7comm.header.rosctr', Rosctr.Job);
      if (parameters < data) facts.field('s7comm.param.func', HEX[func]);
    }
    this.#jobs[this.#nextJob] = (reference << 8) | func;
    this.#nextJob = (this.#nextJob + 1) & (REMEMBERED_JOBS - 1);
    if (parameters === data) violate(facts, 's7comm.parameter-truncated', 'A job without parameters names no function.');
    else if (func === Func.ReadVar || func === Func.WriteVar) readVariableJob(facts, bytes, func, parameters, data, end);
    else if (func in FUNCTION_NAMES) {
      if (func === Func.SetupCommunication && data - parameters < 8) {
        violate(facts, 's7comm.parameter-truncated', `Setup communication has ${data - parameters} bytes of parameters, 8 are needed.`);
      } else readControlJob(facts, this.#waiting, reference, bytes, func, parameters, data);
    } else violate(facts, 's7comm.unknown-function', `Function ${HEX[func]} is not known.`);
  }

  #readAnswer(
    facts: Facts,
    bytes: Uint8Array,
    start: number,
    rosctr: number,
    reference: number,
    error: number,
    parameters: number,
    data: number,
    end: number,
  ): void {
    const func = parameters < data ? bytes[parameters] : this.#functionOf(reference);
    facts.message(S7, func, Role.Response);
    if (facts.countsFields) {
      facts.field('s7comm.header.rosctr', rosctr);
      facts.field('s7comm.header.errcls', HEX[bytes[start + 10]]);
      if (parameters < data && rosctr === Rosctr.AckData) facts.field('s7comm.param.func', HEX[func]);
    }
    if (error === 0 && (func === Func.ReadVar || func === Func.WriteVar)) readVariableAnswer(facts, bytes, func, parameters, data, end);
    this.#waiting.answer(facts, reference, error === 0);
    if (error === 0) return;
    const text = `${FUNCTION_NAMES[func] ?? `Function ${HEX[func]}`} was refused with error ${errorText(error)}.`;
    facts.tell({ is: 'failure', protocol: S7, name: 's7comm.error', code: error, operation: func, text, parameters: { kind: 'header' } });
  }

  /** Function of the job with this reference, 0 when it was not seen. */
  #functionOf(reference: number): number {
    for (const job of this.#jobs) if (job >= 0 && job >> 8 === reference) return job & 0xff;
    return 0;
  }
}

const blockText: AspectText = (a, b) => ({ access: a === 1 ? 'write' : 'read', dataBlock: b });

export const s7comm: CotpUser = {
  protocol: PROTOCOLS.s7comm,
  reports: [PROTOCOLS.s7comm],
  identify: (bytes, start, end, length) => (looksLikeS7(bytes, start, end, length) ? Confidence.Certain : Confidence.No),
  claims: (bytes, start, end) => start < end && bytes[start] === PROTOCOL_ID,
  speaker: speakerOf,
  open: () => new S7Reader(),
  operationName: (_protocol, code) =>
    code >= 0x7000 ? subfunctionName((code >> 8) & 0x0f, code & 0xff) : (FUNCTION_NAMES[code] ?? `Function 0x${code.toString(16)}`),
  aspects: {
    [Aspect.S7DataBlock]: blockText,
    [Aspect.S7Control]: (a, _b, text) => ({ service: text(a) }),
    [Aspect.S7UserData]: (a) => ({ group: a >> 8, subfunction: a & 0xff, function: subfunctionName(a >> 8, a & 0xff) }),
  },
};
