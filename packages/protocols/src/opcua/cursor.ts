/**
 * Reads the binary encoding of OPC UA (OPC 10000-6, 5.2) in place. Hot code: one cursor serves all messages, skipping
 * allocates nothing. A cursor that met the end or an impossible encoding has `fault` set and reads zeros from then on, so
 * callers look at it once at the end; loops over announced counts must stop when it is set (every turn consumes a byte).
 */
import { text, u16le, u32le, i32le } from '@annunciator/packet/bytes';
import type { Facts } from '../facts.ts';
import { hex8 } from './names.ts';

export const CursorFault = { None: 0, End: 1, Encoding: 2 } as const;
export type CursorFault = (typeof CursorFault)[keyof typeof CursorFault];

/** Values of variants may hold variants and diagnostics may hold diagnostics; deeper ones are an encoding fault. */
const DEEPEST = 16;
/** Bytes of the built-in types 1 to 11 and 13, 14, 19 (OPC 10000-6, table 1); 0 is not of fixed size. */
const FIXED = [0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 8, 16, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0];

const Type = { String: 12, ByteString: 15, XmlElement: 16, NodeId: 17, ExpandedNodeId: 18, StatusCode: 19 } as const;
const OtherType = { QualifiedName: 20, LocalizedText: 21, ExtensionObject: 22, DataValue: 23, Variant: 24, DiagnosticInfo: 25 } as const;

export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  fault: CursorFault = CursorFault.None;
  /** Receives `opcua.StatusCode`; null when fields are not counted. */
  facts: Facts | null = null;

  /** Namespace and number of the last node id; number is -1 when it is a text, GUID or opaque. */
  namespace = 0;
  numeric = -1;
  nodeStart = 0;
  nodeEnd = 0;
  /** Place of the last string or byte string; start is -1 when it is null. */
  textStart = -1;
  textEnd = -1;
  /** Built-in type of the last variant, whether it is an array, and where its first value starts. */
  variantType = 0;
  variantArray = false;
  variantStart = 0;
  /** Status of the last data value; 0 when it carries none. Whether it carries a variant. */
  dataStatus = 0;
  dataHasValue = false;

  set(bytes: Uint8Array, start: number, end: number, facts: Facts): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = CursorFault.None;
    this.facts = facts.countsFields ? facts : null;
  }

  get good(): boolean {
    return this.fault === CursorFault.None;
  }

  skip(count: number): boolean {
    if (this.fault !== CursorFault.None) return false;
    if (count > this.end - this.at) {
      this.fault = CursorFault.End;
      return false;
    }
    this.at += count;
    return true;
  }

  u8(): number {
    return this.skip(1) ? this.bytes[this.at - 1] : 0;
  }

  u16(): number {
    return this.skip(2) ? u16le(this.bytes, this.at - 2) : 0;
  }

  u32(): number {
    return this.skip(4) ? u32le(this.bytes, this.at - 4) : 0;
  }

  /** Number of elements of an array: 0 for a null array, and for a faulty cursor. */
  count(): number {
    if (!this.skip(4)) return 0;
    const count = i32le(this.bytes, this.at - 4);
    // Every element has a byte at least.
    if (count > this.end - this.at) {
      this.fault = CursorFault.End;
      return 0;
    }
    return Math.max(0, count);
  }

  /** String, ByteString or XmlElement: its place is in `textStart` and `textEnd`. */
  string(): void {
    this.textStart = -1;
    this.textEnd = -1;
    if (!this.skip(4)) return;
    const length = i32le(this.bytes, this.at - 4);
    if (length < 0) return;
    if (this.skip(length)) {
      this.textStart = this.at - length;
      this.textEnd = this.at;
    }
  }

  strings(): void {
    for (let left = this.count(); left > 0 && this.fault === CursorFault.None; left--) this.string();
  }

  /** The last string as text; empty when it is null. */
  text(limit = 256): string {
    return this.textStart < 0 ? '' : text(this.bytes, this.textStart, this.textEnd, limit);
  }

  nodeId(): void {
    this.nodeStart = this.at;
    const form = this.u8();
    this.#node(form);
    this.nodeEnd = this.at;
  }

  expandedNodeId(): void {
    this.nodeStart = this.at;
    const form = this.u8();
    this.#node(form & 0x3f);
    this.nodeEnd = this.at;
    if (form & 0x80) this.string();
    if (form & 0x40) this.skip(4);
  }

  #node(form: number): void {
    this.namespace = 0;
    this.numeric = -1;
    switch (form) {
      case 0:
        this.numeric = this.u8();
        return;
      case 1:
        this.namespace = this.u8();
        this.numeric = this.u16();
        return;
      case 2:
        this.namespace = this.u16();
        this.numeric = this.u32();
        return;
      case 3:
      case 5:
        this.namespace = this.u16();
        this.string();
        return;
      case 4:
        this.namespace = this.u16();
        this.skip(16);
        return;
      default:
        this.fault ||= CursorFault.Encoding;
    }
  }

  /** The last node id as OPC UA writes it: `i=2258`, `ns=1;s=Pump.Speed`. */
  nodeText(): string {
    const { bytes } = this;
    const form = bytes[this.nodeStart] & 0x3f;
    const start = form === 0 ? this.nodeStart + 2 : form === 1 ? this.nodeStart + 4 : this.nodeStart + (form === 2 ? 7 : 3);
    const space = form === 0 ? 0 : form === 1 ? bytes[this.nodeStart + 1] : u16le(bytes, this.nodeStart + 1);
    const prefix = space === 0 ? '' : `ns=${space};`;
    if (form === 0) return `${prefix}i=${bytes[start - 1]}`;
    if (form === 1) return `${prefix}i=${u16le(bytes, start - 2)}`;
    if (form === 2) return `${prefix}i=${u32le(bytes, start - 4)}`;
    if (form === 3) return `${prefix}s=${text(bytes, start + 4, this.nodeEnd, 200)}`;
    const from = form === 4 ? start : start + 4;
    let digits = '';
    for (let at = from; at < this.nodeEnd && digits.length < 64; at++) digits += bytes[at].toString(16).padStart(2, '0');
    return `${prefix}${form === 4 ? 'g' : 'b'}=${digits}`;
  }

  qualifiedName(): void {
    this.skip(2);
    this.string();
  }

  /** The text stays in `textStart` and `textEnd`. */
  localizedText(): void {
    const mask = this.u8();
    if (mask & ~3) this.fault ||= CursorFault.Encoding;
    if (mask & 1) this.string();
    this.textStart = -1;
    if (mask & 2) this.string();
  }

  /** Counts a status code under Wireshark's `opcua.StatusCode` and returns it, unsigned. */
  statusCode(): number {
    const status = this.u32();
    if (this.facts !== null && this.fault === CursorFault.None) this.facts.field('opcua.StatusCode', hex8(status));
    return status;
  }

  /** Steps into an extension object: the node id of its encoding is in `numeric`, its body in `textStart` and `textEnd` (-1 without). */
  extensionObject(): void {
    this.nodeId();
    const { namespace, numeric } = this;
    const form = this.u8();
    this.textStart = -1;
    this.textEnd = -1;
    if (form > 2) this.fault ||= CursorFault.Encoding;
    else if (form > 0) this.string();
    this.namespace = namespace;
    this.numeric = numeric;
  }

  diagnosticInfo(depth = 0): void {
    const mask = this.u8();
    if (mask & 0x80 || depth > DEEPEST) {
      this.fault ||= CursorFault.Encoding;
      return;
    }
    this.skip(4 * ((mask & 1) + ((mask >> 1) & 1) + ((mask >> 2) & 1) + ((mask >> 3) & 1)));
    if (mask & 0x10) this.string();
    if (mask & 0x20) this.skip(4);
    if (mask & 0x40) this.diagnosticInfo(depth + 1);
  }

  diagnosticInfos(): void {
    for (let left = this.count(); left > 0 && this.fault === CursorFault.None; left--) this.diagnosticInfo();
  }

  variant(depth = 0): void {
    const mask = this.u8();
    const type = mask & 0x3f;
    if (depth > DEEPEST) this.fault ||= CursorFault.Encoding;
    if (mask & 0x80) {
      let left = this.count();
      const first = this.at;
      // Elements without bytes would make the announced count the work.
      if (type === 0) this.fault ||= CursorFault.Encoding;
      if (FIXED[type] && type !== Type.StatusCode) {
        // Counts are below 2^31 and sizes below 17: no overflow.
        this.skip(left * FIXED[type]);
        left = 0;
      }
      for (; left > 0 && this.fault === CursorFault.None; left--) this.#value(type, depth);
      if (mask & 0x40) {
        const dimensions = this.count();
        this.skip(4 * dimensions);
      }
      this.variantStart = first;
    } else {
      const first = this.at;
      this.#value(type, depth);
      this.variantStart = first;
    }
    this.variantType = type;
    this.variantArray = (mask & 0x80) !== 0;
  }

  #value(type: number, depth: number): void {
    if (type === 0 || this.fault !== CursorFault.None) return;
    if (type === Type.StatusCode) {
      this.statusCode();
      return;
    }
    if (FIXED[type]) {
      this.skip(FIXED[type]);
      return;
    }
    switch (type) {
      case Type.String:
      case Type.ByteString:
      case Type.XmlElement:
        this.string();
        return;
      case Type.NodeId:
        this.nodeId();
        return;
      case Type.ExpandedNodeId:
        this.expandedNodeId();
        return;
      case OtherType.QualifiedName:
        this.qualifiedName();
        return;
      case OtherType.LocalizedText:
        this.localizedText();
        return;
      case OtherType.ExtensionObject:
        this.extensionObject();
        return;
      case OtherType.DataValue:
        this.dataValue(depth + 1);
        return;
      case OtherType.Variant:
        this.variant(depth + 1);
        return;
      case OtherType.DiagnosticInfo:
        this.diagnosticInfo();
        return;
      default:
        // Types 26 to 31 are reserved and read as byte strings (OPC 10000-6, 5.2.2.16).
        if (type <= 31) this.string();
        else this.fault = CursorFault.Encoding;
    }
  }

  dataValue(depth = 0): void {
    const mask = this.u8();
    this.dataHasValue = (mask & 1) !== 0;
    if (mask & 0xc0) this.fault ||= CursorFault.Encoding;
    if (mask & 1) this.variant(depth);
    const status = mask & 2 ? this.statusCode() : 0;
    this.skip((mask & 4 ? 8 : 0) + (mask & 16 ? 2 : 0) + (mask & 8 ? 8 : 0) + (mask & 32 ? 2 : 0));
    this.dataStatus = status;
  }

  /** RequestHeader (OPC 10000-4, 7.33). */
  requestHeader(): void {
    this.nodeId();
    this.skip(8 + 4 + 4);
    this.string();
    this.skip(4);
    this.extensionObject();
  }

  /** ResponseHeader (OPC 10000-4, 7.34); returns the service result. */
  responseHeader(): number {
    this.skip(8 + 4);
    const result = this.u32();
    this.diagnosticInfo();
    this.strings();
    this.extensionObject();
    return result;
  }
}
