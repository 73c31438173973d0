/** `IECGoosePdu` (IEC 61850-8-1, annex A) as a pure function from bytes to offsets. Hot code: one object is filled for every frame. */
import { CONSTRUCTED, countElements, integer, Tlv } from '../ber/tlv.ts';
import { Field } from './names.ts';

const FIELDS = 12;
const CONTEXT = 0x80;
const CLASS = 0xc0;

/** goID, simulation and ndsCom may be absent. */
const isOptional = (field: number): boolean => field === Field.goID || field === Field.simulation || field === Field.ndsCom;

export const Fault = { None: 0, Asn1: 1, Missing: 2, Unknown: 3, Length: 4, EntryCount: 5 } as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

const tlv = new Tlv();

export class GoosePdu {
  /** Where the contents of each field lie, by tag number; both 0 for an absent one. */
  readonly starts = new Int32Array(FIELDS);
  readonly ends = new Int32Array(FIELDS);
  /** The first thing that is wrong, and its field: the one that is missing or wrong, or the identifier octet of an unknown one. */
  fault: Fault = Fault.None;
  faultField = 0;

  has(field: number): boolean {
    return this.starts[field] !== 0;
  }

  /** Unsigned value of an integer field. */
  unsigned(bytes: Uint8Array, field: number): number {
    return integer(bytes, this.starts[field], this.ends[field]) >>> 0;
  }

  /** Value of a Boolean field; absent ones are false, as the standard's defaults. */
  flag(bytes: Uint8Array, field: number): boolean {
    return this.has(field) && bytes[this.starts[field]] !== 0;
  }

  /**
   * Reads the contents of a PDU. Fields stand in the order of their tags; an element that is not the one expected takes
   * the place of it, and reading goes on behind.
   */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.starts.fill(0);
    this.ends.fill(0);
    this.fault = Fault.None;
    let expected = 0;
    for (let at = start; at < end; at = tlv.next) {
      if (!tlv.read(bytes, at, end)) return this.#blame(Fault.Asn1, Math.min(expected, FIELDS - 1));
      const context = (tlv.tag & CLASS) === CONTEXT && (tlv.tag & 0x1f) !== 0x1f;
      while (context && expected < tlv.number && isOptional(expected)) expected++;
      if (context && tlv.number === expected && expected < FIELDS) this.#take(expected);
      else if (!context) this.#blame(Fault.Asn1, Math.min(expected, FIELDS - 1));
      else if (tlv.number >= FIELDS || tlv.number < expected) this.#blame(Fault.Unknown, tlv.tag);
      else this.#blame(Fault.Missing, expected);
      expected++;
    }
    while (expected < FIELDS && isOptional(expected)) expected++;
    if (expected < FIELDS) this.#blame(Fault.Missing, expected);
    else if (this.fault === Fault.None) this.#countEntries(bytes);
  }

  #take(field: number): void {
    const { start, end } = tlv;
    this.starts[field] = start;
    this.ends[field] = end;
    if (!hasRightForm(field, (tlv.tag & CONSTRUCTED) !== 0, end - start)) this.#blame(Fault.Length, field);
  }

  #countEntries(bytes: Uint8Array): void {
    const entries = countElements(bytes, this.starts[Field.allData], this.ends[Field.allData]);
    if (entries < 0) this.#blame(Fault.Asn1, Field.allData);
    else if (entries !== this.unsigned(bytes, Field.numDatSetEntries)) this.#blame(Fault.EntryCount, Field.numDatSetEntries);
  }

  #blame(fault: Fault, field: number): void {
    if (this.fault !== Fault.None) return;
    this.fault = fault;
    this.faultField = field;
  }
}

/** Names have at most 129 bytes (65 in edition 1), counters 32 bits, the time stamp 8 bytes. */
function hasRightForm(field: number, constructed: boolean, size: number): boolean {
  switch (field) {
    case Field.gocbRef:
    case Field.datSet:
    case Field.goID:
      return !constructed && size <= 129;
    case Field.t:
      return !constructed && size === 8;
    case Field.simulation:
    case Field.ndsCom:
      return !constructed && size === 1;
    case Field.allData:
      return constructed;
    default:
      return !constructed && size >= 1 && size <= 5;
  }
}
