/** One ASDU of sampled values (IEC 61850-9-2) as a pure function from bytes to offsets. Hot code: one object is filled for every ASDU. */
import { integer, Tlv } from '../ber/tlv.ts';
import { Field } from './names.ts';

const FIELDS = 10;
const CONTEXT_PRIMITIVE = 0x80;

export const Fault = { None: 0, Asn1: 1, Missing: 2, Unknown: 3, Length: 4 } as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

const tlv = new Tlv();

export class Asdu {
  /** Where the contents of each field lie, by tag number; both 0 for an absent one. */
  readonly starts = new Int32Array(FIELDS);
  readonly ends = new Int32Array(FIELDS);
  /** Field that is missing or has a wrong length, or the identifier octet of an unknown one. */
  faultField = 0;

  has(field: number): boolean {
    return this.starts[field] !== 0;
  }

  /** Unsigned value of a field of at most four octets, -1 when it is absent. */
  value(bytes: Uint8Array, field: number): number {
    return this.has(field) ? integer(bytes, this.starts[field], this.ends[field]) >>> 0 : -1;
  }

  /** Bytes of one set of samples. */
  get sampleBytes(): number {
    return this.ends[Field.seqData] - this.starts[Field.seqData];
  }

  /** Reads the contents of an ASDU: fields in the order of their tags, svID, smpCnt, confRev and seqData always. */
  read(bytes: Uint8Array, start: number, end: number): Fault {
    this.starts.fill(0);
    this.ends.fill(0);
    let last = -1;
    for (let at = start; at < end; at = tlv.next) {
      if (!tlv.read(bytes, at, end)) return Fault.Asn1;
      const field = tlv.tag - CONTEXT_PRIMITIVE;
      if (field <= last || field >= FIELDS) return this.#blame(Fault.Unknown, tlv.tag);
      if (!hasRightSize(field, tlv.end - tlv.start)) return this.#blame(Fault.Length, field);
      this.starts[field] = tlv.start;
      this.ends[field] = tlv.end;
      last = field;
    }
    for (let field = 0; field < FIELDS; field++) if (isMandatory(field) && !this.has(field)) return this.#blame(Fault.Missing, field);
    return Fault.None;
  }

  #blame(fault: Fault, field: number): Fault {
    this.faultField = field;
    return fault;
  }
}

const isMandatory = (field: number): boolean =>
  field === Field.svID || field === Field.smpCnt || field === Field.confRev || field === Field.seqData;

function hasRightSize(field: number, size: number): boolean {
  switch (field) {
    case Field.svID:
    case Field.datSet:
      return size <= 129;
    case Field.smpCnt:
    case Field.smpRate:
    case Field.smpMod:
      return size >= 1 && size <= 2;
    case Field.confRev:
      return size === 4;
    case Field.refrTm:
    case Field.gmIdentity:
      return size === 8;
    case Field.smpSynch:
      return size === 1;
    default:
      return true;
  }
}
