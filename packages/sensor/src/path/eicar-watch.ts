/** Looks for the EICAR test file in payloads, also where two segments of a stream cut it. Hot code: most payloads cost one search for a byte. */
export class EicarWatch {
  sees(_bytes: Uint8Array, _start: number, _end: number, _row: number, _direction: number): boolean {
    return false;
  }

  forget(_row: number): void {}
}
