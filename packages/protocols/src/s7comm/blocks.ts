/** Blocks and program invocation services: how S7 names what is loaded, read back and switched. */
import { text } from '@annunciator/packet/bytes';
import type { ActionName } from '../facts.ts';

const blockTypes: Readonly<Record<string, string>> = {
  '08': 'OB',
  '0A': 'DB',
  '0B': 'SDB',
  '0C': 'FC',
  '0D': 'SFC',
  '0E': 'FB',
  '0F': 'SFB',
};

/** A block in a file name or in the argument of a service: two characters of type, five digits, destination file system. */
export interface Block {
  /** As Wireshark lists it in `s7comm.data.blockcontrol.block_type`: `0A`. */
  readonly type: string;
  /** `DB 1`; the type stays as it is when it has no name. */
  readonly name: string;
  readonly number: number;
  /** P passive, A active, B both. */
  readonly fileSystem: string;
}

/** Length of `0A00001P`, the block without the file identifier before it. */
export const BLOCK_LENGTH = 8;

/** Reads the block at `at`; undefined unless `end` leaves eight characters with a decimal number among them. */
export function readBlock(bytes: Uint8Array, at: number, end: number): Block | undefined {
  if (at + BLOCK_LENGTH > end) return undefined;
  const type = text(bytes, at, at + 2);
  const digits = text(bytes, at + 2, at + 7);
  if (!/^\d{5}$/.test(digits)) return undefined;
  const number = Number(digits);
  return { type, number, name: `${blockTypes[type] ?? type} ${number}`, fileSystem: text(bytes, at + 7, at + 8) };
}

/** What a program invocation service does, in words all protocols share. */
interface PiService {
  readonly action?: ActionName;
  /** Mode the controller is in afterwards. */
  readonly mode?: string;
  readonly says: string;
}

const piServices: Readonly<Record<string, PiService>> = {
  _INSE: { action: 'program.download', says: 'activate a block' },
  _INS2: { action: 'program.download', says: 'activate a block' },
  _DELE: { action: 'program.delete', says: 'delete a block' },
  P_PROGRAM: { action: 'controller.start', mode: 'RUN', says: 'start the program' },
  _MODU: { action: 'configuration.write', says: 'copy RAM to ROM' },
  _GARB: { action: 'configuration.write', says: 'compress the memory' },
  _RPLC: { action: 'program.download', says: 'replace a block' },
  _N_LOGIN_: { says: 'log in to the numerical control' },
  _N_LOGOUT: { says: 'log out of the numerical control' },
  _N_F_DELE: { action: 'file.delete', says: 'delete a file of the numerical control' },
  _N_F_COPY: { action: 'file.write', says: 'copy a file of the numerical control' },
  _N_F_RENA: { action: 'file.write', says: 'rename a file of the numerical control' },
  _N_F_CLOS: { says: 'close a file of the numerical control' },
  _N_F_OPEN: { says: 'open a file of the numerical control' },
  _N_F_OPER: { says: 'open a file of the numerical control for reading' },
  _N_F_SEEK: { says: 'move in a file of the numerical control' },
  _N_F_PROT: { says: 'protect a file of the numerical control' },
  _N_F_XFER: { action: 'program.download', says: 'transfer a file to the numerical control' },
  _N_F_DMDA: { says: 'delete manual input of the numerical control' },
  _N_SELECT: { action: 'configuration.write', says: 'select a program of the numerical control' },
  _N_CONFIG: { action: 'configuration.write', says: 'reconfigure machine data of the numerical control' },
  _N_SETUFR: { action: 'configuration.write', says: 'activate the user frame' },
  _N_CANCEL: { says: 'cancel alarms of the numerical control' },
  _N_EXTERN: { says: 'select an external program' },
  _N_FINDBL: { says: 'search a block' },
  _N_ASUP__: { action: 'configuration.write', says: 'assign an interrupt program' },
  _N_DIGION: { says: 'switch digitising on' },
  _N_DIGIOF: { says: 'switch digitising off' },
};

const noService: PiService = { says: 'unknown service' };

/** What is known of a service by name. */
export const piService = (name: string): PiService => piServices[name] ?? noService;
