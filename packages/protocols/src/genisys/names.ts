/** Header bytes of Genisys, a protocol of railway signalling (Ansaldo STS P2346F; CISA's parser uses the same names). */
export const Header = {
  Acknowledge: 0xf1,
  Indications: 0xf2,
  Checkback: 0xf3,
  CommonControls: 0xf9,
  AcknowledgeAndPoll: 0xfa,
  Poll: 0xfb,
  Controls: 0xfc,
  Recall: 0xfd,
  Execute: 0xfe,
} as const;

const NAMES: Readonly<Record<number, string>> = {
  0xf1: 'Acknowledge Client',
  0xf2: 'Indication Data',
  0xf3: 'Control Data Checkback',
  0xf9: 'Common Control Data',
  0xfa: 'Acknowledge Indication And Poll',
  0xfb: 'Poll',
  0xfc: 'Control Data',
  0xfd: 'Recall',
  0xfe: 'Execute Controls',
};
export const isHeader = (byte: number): boolean => NAMES[byte] !== undefined;
export const headerName = (byte: number): string => NAMES[byte] ?? `Header 0x${byte.toString(16)}`;
/** What servers send; the others come from the client. */
export const isAnswer = (byte: number): boolean => byte >= Header.Acknowledge && byte <= Header.Checkback;

export const TERMINATOR = 0xf6;
export const ESCAPE = 0xf0;

/** What a Genisys message can break. */
export const VIOLATIONS = {
  /** The check sequence does not fit. */
  'genisys.check': { malformed: true },
  /** A message that ends within an escaped byte or before its station. */
  'genisys.length': { malformed: true },
} as const;
export type GenisysViolation = keyof typeof VIOLATIONS;
