/** Ids of the alert types that the sensor detects. The sensor's tests hold this list against its engines. */
export const DETECTED_TYPES: readonly string[] = [];
