/** AMQP 0-9-1 (frames, classes and methods) and 1.0 (OASIS; performatives), as Wireshark numbers its fields. */
export const FrameType = { Method: 1, Header: 2, Body: 3, Heartbeat: 8 } as const;
export const FRAME_END = 0xce;

export const Class = { Connection: 10, Channel: 20, Exchange: 40, Queue: 50, Basic: 60 } as const;
const CLASSES: Readonly<Record<number, string>> = {
  10: 'Connection',
  20: 'Channel',
  30: 'Access',
  40: 'Exchange',
  50: 'Queue',
  60: 'Basic',
  85: 'Confirm',
  90: 'Tx',
};
const METHODS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  10: {
    10: 'Start',
    11: 'Start-Ok',
    20: 'Secure',
    21: 'Secure-Ok',
    30: 'Tune',
    31: 'Tune-Ok',
    40: 'Open',
    41: 'Open-Ok',
    50: 'Close',
    51: 'Close-Ok',
    60: 'Blocked',
    61: 'Unblocked',
  },
  20: { 10: 'Open', 11: 'Open-Ok', 20: 'Flow', 21: 'Flow-Ok', 40: 'Close', 41: 'Close-Ok' },
  40: { 10: 'Declare', 11: 'Declare-Ok', 20: 'Delete', 21: 'Delete-Ok', 30: 'Bind', 31: 'Bind-Ok', 40: 'Unbind', 51: 'Unbind-Ok' },
  50: {
    10: 'Declare',
    11: 'Declare-Ok',
    20: 'Bind',
    21: 'Bind-Ok',
    30: 'Purge',
    31: 'Purge-Ok',
    40: 'Delete',
    41: 'Delete-Ok',
    50: 'Unbind',
    51: 'Unbind-Ok',
  },
  60: {
    10: 'Qos',
    11: 'Qos-Ok',
    20: 'Consume',
    21: 'Consume-Ok',
    30: 'Cancel',
    31: 'Cancel-Ok',
    40: 'Publish',
    50: 'Return',
    60: 'Deliver',
    70: 'Get',
    71: 'Get-Ok',
    72: 'Get-Empty',
    80: 'Ack',
    90: 'Reject',
    100: 'Recover-Async',
    110: 'Recover',
    111: 'Recover-Ok',
    120: 'Nack',
  },
  85: { 10: 'Select', 11: 'Select-Ok' },
  90: { 10: 'Select', 11: 'Select-Ok', 20: 'Commit', 21: 'Commit-Ok', 30: 'Rollback', 31: 'Rollback-Ok' },
};
export const Method = { StartOk: 11, TuneFromServer: 30, Close: 50, ChannelClose: 40, Tune: 30 } as const;
/** Methods by which a server answers: those named ...-Ok, and deliveries. */
export const isAnswer = (classId: number, method: number): boolean => METHODS[classId]?.[method]?.endsWith('-Ok') === true;

const PERFORMATIVES: Readonly<Record<number, string>> = {
  0x10: 'Open',
  0x11: 'Begin',
  0x12: 'Attach',
  0x13: 'Flow',
  0x14: 'Transfer',
  0x15: 'Disposition',
  0x16: 'Detach',
  0x17: 'End',
  0x18: 'Close',
  0x40: 'SASL Mechanisms',
  0x41: 'SASL Init',
  0x42: 'SASL Challenge',
  0x43: 'SASL Response',
  0x44: 'SASL Outcome',
};
export const Performative = { SaslInit: 0x41, SaslOutcome: 0x44 } as const;

/** Operation codes: class << 8 | method; frames without a method; the protocol header; performatives of 1.0. */
export const FRAME = 0x10000;
export const PROTOCOL_HEADER = 0x20000;
export const PERFORMATIVE = 0x30000;
export function operationName(code: number): string {
  if (code >= PERFORMATIVE)
    return (
      PERFORMATIVES[code - PERFORMATIVE] ?? (code === PERFORMATIVE ? 'Empty frame' : `Performative 0x${(code - PERFORMATIVE).toString(16)}`)
    );
  if (code === PROTOCOL_HEADER) return 'Protocol header';
  if (code >= FRAME)
    return (
      ['', 'Method', 'Content header', 'Content body'][code - FRAME] ??
      (code - FRAME === FrameType.Heartbeat ? 'Heartbeat' : `Frame type ${code - FRAME}`)
    );
  const [classId, method] = [code >> 8, code & 0xff];
  return `${CLASSES[classId] ?? `Class ${classId}`} ${METHODS[classId]?.[method] ?? `method ${method}`}`;
}

/** Reply code of Connection.Close by which a sign-in is refused (0-9-1, 1.2). */
export const ACCESS_REFUSED = 403;

/** What an AMQP frame can break. */
export const VIOLATIONS = {
  /** A frame of 0-9-1 that does not end with 0xCE. */
  'amqp.frame-end': { malformed: true },
  /** A method that ends before its class and number, or a frame of 1.0 shorter than its header. */
  'amqp.length': { malformed: true },
} as const;
export type AmqpViolation = keyof typeof VIOLATIONS;
