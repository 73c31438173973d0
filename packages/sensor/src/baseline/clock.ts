/** Where the run stands: packet time and frame of the packet under the cursor. */
export interface Clock {
  /** Seconds since 1970; 0 before the first packet. */
  readonly seconds: number;
  readonly frame: number;
}

/** A clock that reads what is there later than the clock itself. */
export function clockOf(scene: () => Clock | undefined): Clock {
  return {
    get seconds() {
      return scene()?.seconds ?? 0;
    },
    get frame() {
      return scene()?.frame ?? 0;
    },
  };
}
