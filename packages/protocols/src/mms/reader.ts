/**
 * One MMS association: session, presentation and association around the PDUs, and the PDUs themselves (ISO 9506-2).
 *
 * Hot code: reads, their answers and reports without failures allocate nothing.
 */
import { countElements, integer, Tlv, Universal } from '../ber/tlv.ts';
import type { CotpReader } from '../cotp/user.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { intentOf, isProgramService, MMS, Outstanding, tellIntent } from './actions.ts';
import { readResults, statusOf, tellError, tellIdentity, tellProgramState, tellReject, tellStatus } from './answers.ts';
import { Code, LAST_SERVICE, Pdu, SERVICES, Service, Spdu, UNCONFIRMED_SERVICES, UNSOLICITED_STATUS } from './names.ts';
import { subject } from './objects.ts';
import { fail, violate } from './report.ts';
import { Acse, Association, Presentation, SessionPdu } from './session.ts';

const CONTEXT = 0x80;
const CLASS = 0xc0;
/** COTP counts what is no MMS under the type of its data unit. */
const COTP = PROTOCOLS.cotp.index;
const COTP_DATA = 0xf;

const session = new SessionPdu();
const presentation = new Presentation();
const association = new Association();
const pdu = new Tlv();
const element = new Tlv();

export class MmsReader implements CotpReader {
  readonly #outstanding = new Outstanding();
  /** The connection is for another user of the session. */
  #foreign = false;
  /** The association was asked for with authentication. */
  #authenticates = false;
  /** Status told last, to tell changes only. */
  #status = 0;
  /** Domain whose upload was asked for last: its segments name a number only. */
  #upload = '';

  read(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
    // without session and presentation, as some controllers have it
    if (bytes[start] >= CONTEXT) {
      this.#readMms(facts, bytes, start, end);
      return;
    }
    session.read(bytes, start, end);
    const connects = session.type === Spdu.Connect || session.type === Spdu.Accept;
    if (session.broken) {
      this.#count(facts);
      violate(facts, 'mms.session-length', `A length in the session header does not fit the ${end - start} bytes.`);
      return;
    }
    if (session.type === Spdu.Abort || session.type === Spdu.AbortAccept || session.start >= session.end) {
      this.#count(facts);
      if (session.type === Spdu.Abort) this.#outstanding.forget();
      return;
    }
    if (connects) presentation.readConnect(bytes, session.start, session.end);
    else presentation.readData(bytes, session.start, session.end);
    if (session.type === Spdu.Connect) this.#foreign = presentation.foreign;
    if (this.#foreign) {
      facts.message(COTP, COTP_DATA, Role.Notification);
      return;
    }
    this.#readValues(facts, bytes);
  }

  gap(): void {
    this.#outstanding.forget();
  }

  /** A session PDU without MMS inside. */
  #count(facts: Facts): void {
    if (this.#foreign) facts.message(COTP, COTP_DATA, Role.Notification);
    else facts.message(MMS, Code.Session | (session.type & 0xff), Role.Notification);
  }

  #readValues(facts: Facts, bytes: Uint8Array): void {
    let values = 0;
    for (;;) {
      const value = presentation.broken ? undefined : presentation.next(bytes);
      if (!value) break;
      values++;
      const { start, end } = value;
      if (start < end && (bytes[start] & CLASS) === 0x40) this.#readAcse(facts, bytes, start, end);
      else this.#readMms(facts, bytes, start, end);
    }
    if (values === 0) this.#count(facts);
    if (presentation.broken) violate(facts, 'mms.presentation', 'The presentation data is no list of values in the basic encoding.');
  }

  #readAcse(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
    if (!element.read(bytes, start, end)) {
      this.#count(facts);
      violate(facts, 'mms.association', 'The association PDU runs past its end.');
      return;
    }
    const { tag } = element;
    if (tag !== Acse.Request && tag !== Acse.Response) {
      this.#count(facts);
      return;
    }
    association.read(bytes, element.start, element.end);
    const { authenticates, result, broken } = association;
    if (association.start < association.end) this.#readMms(facts, bytes, association.start, association.end);
    else this.#count(facts);
    if (broken) violate(facts, 'mms.association', 'An element of the association PDU runs past its end.');
    if (tag === Acse.Request) this.#authenticates = authenticates;
    const outcome = tag === Acse.Request ? 'attempt' : result === 0 ? 'success' : 'failure';
    if (this.#authenticates) facts.tell({ is: 'login', protocol: MMS, outcome, user: '' });
    if (outcome === 'failure')
      fail(facts, Code.Pdu | Pdu.InitiateRequest, result, 'association', `The association was rejected with result ${result}`);
  }

  #readMms(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
    if (!pdu.read(bytes, start, end) || pdu.next !== end) {
      facts.message(MMS, Code.Pdu | (start < end ? bytes[start] & 0x1f : 0), Role.Notification);
      violate(facts, 'mms.malformed-asn1', `The length of the PDU does not fit the ${end - start} bytes.`);
      return;
    }
    if ((pdu.tag & CLASS) !== CONTEXT) {
      facts.message(MMS, Code.Pdu | pdu.number, Role.Notification);
      violate(facts, 'mms.unknown-pdu', `The PDU begins with 0x${pdu.tag.toString(16)}, which is none of MMS.`);
      return;
    }
    this.#readPdu(facts, bytes, pdu.number, pdu.start, pdu.end);
  }

  #readPdu(facts: Facts, bytes: Uint8Array, kind: number, start: number, end: number): void {
    switch (kind) {
      case Pdu.ConfirmedRequest:
      case Pdu.ConfirmedResponse:
      case Pdu.Unconfirmed:
        this.#readService(facts, bytes, kind, start, end);
        return;
      case Pdu.ConfirmedError:
      case Pdu.Reject:
        this.#readRefusal(facts, bytes, kind, start, end);
        return;
      case Pdu.CancelRequest:
      case Pdu.InitiateRequest:
      case Pdu.ConcludeRequest:
        facts.message(MMS, Code.Pdu | kind, Role.Request);
        return;
      case Pdu.CancelResponse:
      case Pdu.InitiateResponse:
      case Pdu.ConcludeResponse:
        facts.message(MMS, Code.Pdu | (kind - 1), Role.Response);
        return;
      case Pdu.CancelError:
      case Pdu.InitiateError:
      case Pdu.ConcludeError: {
        facts.message(MMS, Code.Pdu | (kind - 2), Role.Response);
        // a cancel error names its request first
        const error = kind === Pdu.CancelError && element.read(bytes, start, end) && element.read(bytes, element.next, end);
        if (error) tellError(facts, bytes, Code.Pdu | (kind - 2), element.start, element.end);
        else tellError(facts, bytes, Code.Pdu | (kind - 2), start, end);
        return;
      }
      default:
        facts.message(MMS, Code.Pdu | kind, Role.Notification);
        violate(facts, 'mms.unknown-pdu', `MMS has no PDU ${kind}.`);
    }
  }

  /** Invoke id, modifiers (skipped) and service of a confirmed or unconfirmed PDU. */
  #readService(facts: Facts, bytes: Uint8Array, kind: number, start: number, end: number): void {
    const role = kind === Pdu.ConfirmedRequest ? Role.Request : kind === Pdu.ConfirmedResponse ? Role.Response : Role.Notification;
    let at = start;
    let invoke = 0;
    let readable = element.read(bytes, at, end);
    if (kind !== Pdu.Unconfirmed && readable) {
      if (element.tag !== Universal.Integer) {
        facts.message(MMS, Code.Pdu | kind, role);
        violate(facts, 'mms.malformed-asn1', `The PDU has 0x${element.tag.toString(16)} in the place of its invoke id.`);
        return;
      }
      invoke = integer(bytes, element.start, element.end);
      at = element.next;
      readable = element.read(bytes, at, end);
    }
    if (readable && element.tag === Universal.Sequence && element.next < end && kind === Pdu.ConfirmedRequest) {
      at = element.next;
      readable = element.read(bytes, at, end);
    }
    if (kind === Pdu.ConfirmedResponse) this.#outstanding.take(facts, invoke);
    if (!readable) {
      facts.message(MMS, this.#codeWithout(kind), role);
      violate(facts, at >= end ? 'mms.missing-service' : 'mms.malformed-asn1', 'The PDU holds no service that can be read.');
      return;
    }
    const service = (element.tag & CLASS) === CONTEXT ? element.number : -1;
    const known = kind === Pdu.Unconfirmed ? service < UNCONFIRMED_SERVICES.length : service <= LAST_SERVICE;
    if (service < 0 || !known) {
      facts.message(MMS, this.#codeWithout(kind), role);
      violate(
        facts,
        'mms.unknown-service',
        `MMS has no ${kind === Pdu.Unconfirmed ? 'unconfirmed ' : ''}service 0x${element.tag.toString(16)}.`,
      );
      return;
    }
    facts.message(MMS, kind === Pdu.Unconfirmed ? Code.Unconfirmed | service : service, role);
    if (facts.countsFields && service < SERVICES.length) facts.field(FIELDS[kind], service);
    const { start: from, end: to, next } = element;
    const whole = countElements(bytes, (element.tag & 0x20) === 0 ? to : from, to) >= 0 && next <= end;
    if (kind === Pdu.ConfirmedRequest) this.#readRequest(facts, bytes, invoke, service, from, whole ? to : from);
    else if (kind === Pdu.Unconfirmed) this.#readReport(facts, bytes, service, from, whole ? to : from);
    else this.#readResponse(facts, bytes, service, from, whole ? to : from);
    if (!whole) violate(facts, 'mms.malformed-asn1', 'An element of the service runs past its end.');
  }

  /** Code of a PDU whose service cannot be read: that of its request when it was seen. */
  #codeWithout(kind: number): number {
    return kind === Pdu.ConfirmedResponse && this.#outstanding.service >= 0 ? this.#outstanding.service : Code.Pdu | kind;
  }

  #readRequest(facts: Facts, bytes: Uint8Array, invoke: number, service: number, start: number, end: number): void {
    facts.use(Aspect.MmsService, service, 0);
    let intent = intentOf(bytes, service, start, end);
    if (isProgramService(service)) {
      const segment = service === Service.UploadSegment || service === Service.TerminateUploadSequence;
      const name = segment ? this.#upload : (intent?.subject ?? subject(bytes, service, start, end));
      if (service === Service.InitiateUploadSequence) this.#upload = name;
      facts.use(Aspect.MmsProgram, service, facts.intern(name));
    }
    if (intent) tellIntent(facts, intent, 'requested');
    // the answer tells a state only: remember whose
    else if (service === Service.GetProgramInvocationAttributes)
      intent = { action: 'configuration.read', text: '', subject: subject(bytes, Service.DeleteDomain, start, end) };
    this.#outstanding.add(facts, invoke, service, intent);
  }

  #readResponse(facts: Facts, bytes: Uint8Array, service: number, start: number, end: number): void {
    const { intent } = this.#outstanding;
    let accepted = true;
    switch (service) {
      case Service.Read:
        readResults(facts, bytes, service, start, end);
        return;
      case Service.Write:
        accepted = readResults(facts, bytes, service, start, end);
        break;
      case Service.Status:
        this.#readStatus(facts, bytes, start, end);
        return;
      case Service.Identify:
        tellIdentity(facts, bytes, start, end);
        break;
      case Service.GetProgramInvocationAttributes:
        tellProgramState(facts, bytes, start, end, intent?.subject ?? '');
        return;
      default:
    }
    if (intent && this.#outstanding.service === service) tellIntent(facts, intent, accepted ? 'accepted' : 'refused');
  }

  #readReport(facts: Facts, bytes: Uint8Array, service: number, start: number, end: number): void {
    facts.use(Aspect.MmsService, Code.Unconfirmed | service, 0);
    if (service === UNSOLICITED_STATUS) this.#readStatus(facts, bytes, start, end);
  }

  #readStatus(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
    const status = statusOf(bytes, start, end);
    if (status < 0 || status === this.#status) return;
    this.#status = status;
    if (status !== 0) tellStatus(facts, status);
  }

  /** A confirmed error or a reject: tells the failure of the request it answers. */
  #readRefusal(facts: Facts, bytes: Uint8Array, kind: number, start: number, end: number): void {
    let at = start;
    let readable = element.read(bytes, at, end);
    let seen = false;
    if (readable && element.tag === CONTEXT) {
      seen = this.#outstanding.take(facts, integer(bytes, element.start, element.end));
      at = element.next;
      readable = element.read(bytes, at, end);
    }
    const { service, intent } = this.#outstanding;
    const operation = seen ? service : Code.Pdu | kind;
    facts.message(MMS, operation, Role.Response);
    if (kind === Pdu.ConfirmedError) {
      // the position of a modifier may come before the error
      while (readable && element.tag !== 0xa2) readable = element.read(bytes, element.next, end);
      if (readable) tellError(facts, bytes, operation, element.start, element.end);
    } else if (readable) tellReject(facts, bytes, operation, at, end);
    if (!readable) violate(facts, 'mms.malformed-asn1', 'The refusal holds no reason that can be read.');
    if (seen && intent?.text) tellIntent(facts, intent, 'refused');
  }
}

/** Fields as Wireshark names them, by kind of PDU. */
const FIELDS: readonly string[] = ['mms.confirmedServiceRequest', 'mms.confirmedServiceResponse', '', 'mms.unconfirmedService'];
